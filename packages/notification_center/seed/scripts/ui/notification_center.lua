--- NotificationCenter: a user's notifications.
local ctx = require('ctx')
local notificationBadge = require('ui.notification_badge')
local notificationList = require('ui.notification_list')
local queries = require('db.queries') --[[@as notification_center.db.queries]]
local ui = require('ui')

local M = {}

---@class notification_center.NotificationCenterProps
---@field userId? string the caller, if left out
---@field unreadOnly? boolean

--- Renders the page from `listNotifications`.
---@param props notification_center.NotificationCenterProps
---@return ui.Node
function M.render(props)
  local userId = props.userId or ctx.user
  if not userId then
    return ui.Alert({ severity = 'warning', 'Sign in to see your notifications' })
  end
  local unread = queries.countUnread(userId)

  return ui.Container({
    ui.Flex({
      justify = 'between',
      ui.Heading({ level = 1, 'Notifications' }),
      notificationBadge.render({ count = unread }),
    }),
    unread > 0 and ui.Button({
      onClick = ui.action('notification_center.markAllAsRead', userId),
      'Mark all as read',
    }),
    notificationList.render({
      notifications = queries.listNotifications(userId, props.unreadOnly),
      onRead = 'notification_center.markAsRead',
      onDelete = 'notification_center.deleteNotification',
    }),
  })
end

return M
