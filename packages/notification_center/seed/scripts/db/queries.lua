--- Reading a user's notifications. What has expired is never seen here.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local list = require('list')
local notification = require('notification')

---@class notification_center.db.queries
local M = {}

-- Builds the filter for a user's notifications that have not expired.
local function ofUser(userId, unreadOnly)
  local where = { tenantId = ctx.tenant, userId = userId, OR = notification.alive() }
  if unreadOnly then
    where.read = false
  end
  return where
end

--- Lists a user's notifications, newest first.
---@param userId string
---@param unreadOnly? boolean
---@return notification_center.Notification[]
function M.listNotifications(userId, unreadOnly)
  check.id(userId, 'userId')
  unreadOnly = check.type(unreadOnly, 'boolean?', 'unreadOnly')
  local records = db.notification.findMany({
    where = ofUser(userId, unreadOnly),
    orderBy = { { createdAt = 'desc' }, { id = 'desc' } },
  })
  return list.map(records, notification.decode)
end

--- Counts what a user has not read yet.
---@param userId string
---@return integer
function M.countUnread(userId)
  check.id(userId, 'userId')
  return db.notification.count({ where = ofUser(userId, true) })
end

return M
