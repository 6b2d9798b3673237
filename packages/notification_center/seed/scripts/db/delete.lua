--- Deleting notifications.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local notification = require('notification')
local time = require('time')

local M = {}

--- Deletes a notification, and returns what it was.
---@param notificationId string
---@return notification_center.Notification
function M.deleteNotification(notificationId)
  check.id(notificationId, 'notificationId')
  return db.transaction(function()
    local record = notification.get(notificationId)
    return notification.decode(db.notification.delete({ where = { id = record.id } }))
  end)
end

--- Deletes what has expired in the caller's tenant. Nobody sees it any more; this frees its space.
---@return integer count
function M.deleteExpiredNotifications()
  local deleted = db.notification.deleteMany({
    where = { tenantId = ctx.tenant, expiresAt = { lte = time.now() } },
  })
  return deleted.count
end

return M
