--- Writes of the audit log. There is no update and no delete: an entry stays as it was made.
local check = require('check')
local db = require('db')
local entry = require('entry')
local time = require('time')

local M = {}

---@class audit_log.Changes What a change did to a record, and how it came.
---@field old? table<string, any> the record before; left out when it was created
---@field new? table<string, any> the record after; left out when it was deleted
---@field username? string the user's name at that time
---@field ipAddress? string
---@field userAgent? string
---@field details? table<string, any>

--- Adds an entry, as of now.
---@param tenantId string
---@param userId? string nil where nobody was signed in
---@param action 'create'|'update'|'delete'|'login'|'logout'|string
---@param entity string the model or thing that was changed, such as `ForumThread`
---@param entityId? string nil where it is about no single record
---@param changes? audit_log.Changes
---@return audit_log.Entry
function M.createAuditLog(tenantId, userId, action, entity, entityId, changes)
  check.tenant(tenantId, 'tenantId')
  userId = check.type(userId, 'id?', 'userId')
  check.id(action, 'action')
  check.id(entity, 'entity')
  entityId = check.type(entityId, 'id?', 'entityId')
  changes = check.fields(changes, 'changes', {
    old = 'table?',
    new = 'table?',
    username = 'string?',
    ipAddress = 'string?',
    userAgent = 'string?',
    details = 'table?',
  })

  local record = db.auditLog.create({
    data = entry.encode({
      tenantId = tenantId,
      userId = userId,
      username = changes.username,
      action = action,
      entity = entity,
      entityId = entityId,
      oldValue = changes.old,
      newValue = changes.new,
      ipAddress = changes.ipAddress,
      userAgent = changes.userAgent,
      details = changes.details,
      timestamp = time.now(),
    }),
  })
  return entry.decode(record)
end

return M
