--- A notification as callers see it, and which ones they may see.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')
local time = require('time')

local M = {}

---@class notification_center.Notification
---@field id string
---@field tenantId string
---@field userId string
---@field type 'info'|'warning'|'success'|'error'|'mention'|'reply'|string
---@field title string
---@field message string
---@field icon? string
---@field read boolean
---@field data? table<string, any>
---@field createdAt integer milliseconds since the epoch
---@field expiresAt? integer milliseconds since the epoch

--- Decodes the JSON column of a record in place.
---@param record Notification
---@return notification_center.Notification
function M.decode(record)
  return json.decodeFields(record, { 'data' })
end

--- Returns the condition for what has not expired: what is listed, counted and marked.
---@return NotificationWhereInput[]
function M.alive()
  return { { expiresAt = db.null }, { expiresAt = { gt = time.now() } } }
end

--- Returns the record of an id in the caller's tenant; raises `not_found` where there is none.
---@param notificationId string
---@return Notification
function M.get(notificationId)
  local where = { id = notificationId, tenantId = ctx.tenant }
  return check.found(db.notification.findFirst({ where = where }), 'notification', notificationId)
end

return M
