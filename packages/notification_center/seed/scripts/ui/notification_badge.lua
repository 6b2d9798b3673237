--- NotificationBadge: how many notifications are unread.
local ui = require('ui')

local M = {}

---@class notification_center.NotificationBadgeProps
---@field count integer

--- Renders the number; more than 99 is `99+`, and nothing unread shows no number.
---@param props notification_center.NotificationBadgeProps
---@return ui.Node
function M.render(props)
  local count = props.count or 0
  return ui.Badge({
    color = count > 0 and 'error' or 'default',
    invisible = count == 0,
    count > 99 and '99+' or count > 0 and count,
  })
end

return M
