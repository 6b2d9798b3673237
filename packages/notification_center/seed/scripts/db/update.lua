--- Marking notifications as read.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local notification = require('notification')

local M = {}

--- Marks a notification as read. One that is read already stays so.
---@param notificationId string
---@return notification_center.Notification
function M.markAsRead(notificationId)
  check.id(notificationId, 'notificationId')
  return db.transaction(function()
    local record = notification.get(notificationId)
    return notification.decode(db.notification.update({
      where = { id = record.id },
      data = { read = true },
    }))
  end)
end

--- Marks all that a user has not read as read.
---@param userId string
---@return integer count how many were unread
function M.markAllAsRead(userId)
  check.id(userId, 'userId')
  local changed = db.notification.updateMany({
    where = { tenantId = ctx.tenant, userId = userId, read = false },
    data = { read = true },
  })
  return changed.count
end

return M
