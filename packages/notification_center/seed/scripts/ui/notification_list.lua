--- NotificationList: notifications, each with its buttons.
local list = require('list')
local time = require('time')
local ui = require('ui')

local M = {}

local icons = {
  info = 'info',
  warning = 'warning',
  success = 'check_circle',
  error = 'error',
  mention = 'alternate_email',
  reply = 'reply',
}

---@class notification_center.NotificationListProps
---@field notifications notification_center.Notification[]
---@field onRead? string the operation that marks one as read
---@field onDelete? string the operation that deletes one

local function item(notification, props)
  local canRead = props.onRead and not notification.read
  return ui.ListItem({
    key = notification.id,
    className = notification.read and 'read' or 'unread',
    ui.Icon({ name = notification.icon or icons[notification.type] or 'notifications' }),
    ui.Stack({
      ui.Text({ weight = not notification.read and 'bold' or nil, notification.title }),
      notification.message ~= '' and ui.Text(notification.message),
      ui.Text({ variant = 'caption', time.iso(notification.createdAt) }),
    }),
    canRead and ui.IconButton({
      icon = 'done',
      label = 'Mark as read',
      onClick = ui.action(props.onRead, notification.id),
    }),
    props.onDelete and ui.IconButton({
      icon = 'delete',
      label = 'Delete',
      onClick = ui.action(props.onDelete, notification.id),
    }),
  })
end

--- Renders the list, or a line that says that there is nothing.
---@param props notification_center.NotificationListProps
---@return ui.Node
function M.render(props)
  local notifications = props.notifications or {}
  if #notifications == 0 then
    return ui.Alert({ severity = 'info', 'No notifications' })
  end
  return ui.List({
    list.map(notifications, function(notification)
      return item(notification, props)
    end),
  })
end

return M
