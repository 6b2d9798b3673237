--- Making notifications.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')
local notification = require('notification')
local time = require('time')

local M = {}

---@class notification_center.NewNotification
---@field userId string
---@field type 'info'|'warning'|'success'|'error'|'mention'|'reply'|string
---@field title string
---@field message string
---@field icon? string
---@field data? table<string, any>
---@field expiresAt? integer milliseconds since the epoch; it is not listed from then on

--- Notifies a user, with all that a notification can have.
---@param fields notification_center.NewNotification
---@return notification_center.Notification
function M.sendNotification(fields)
  fields = check.fields(fields, 'fields', {
    userId = 'id',
    type = 'id',
    title = 'text',
    message = 'string',
    icon = 'string?',
    data = 'table?',
    expiresAt = 'integer?',
  })
  local record = db.notification.create({
    data = json.encodeFields({
      tenantId = ctx.tenant,
      userId = fields.userId,
      type = fields.type,
      title = fields.title,
      message = fields.message,
      icon = fields.icon,
      data = fields.data,
      createdAt = time.now(),
      expiresAt = fields.expiresAt,
    }, { 'data' }),
  })
  return notification.decode(record)
end

--- Notifies a user.
---@param userId string
---@param type 'info'|'warning'|'success'|'error'|'mention'|'reply'|string
---@param title string
---@param message string
---@param data? table<string, any> what a program needs to act on it
---@return notification_center.Notification
function M.createNotification(userId, type, title, message, data)
  check.id(userId, 'userId')
  check.id(type, 'type')
  check.text(title, 'title')
  check.string(message, 'message')
  data = check.type(data, 'table?', 'data')
  return M.sendNotification({
    userId = userId,
    type = type,
    title = title,
    message = message,
    data = data,
  })
end

return M
