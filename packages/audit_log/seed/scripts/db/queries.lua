--- Queries over a tenant's audit trail.
local check = require('check')
local db = require('db')
local entry = require('entry')

local M = {}

local mostEntries = 200

-- Entries of the same millisecond keep a fixed order, so that pages neither repeat nor lose one.
local newestFirst = { { timestamp = 'desc' }, { id = 'desc' } }

---@class audit_log.Filters
---@field userId? string
---@field entity? string
---@field action? string
---@field limit? integer at most 200, 50 if left out
---@field offset? integer entries to leave out first

--- Lists a tenant's audit entries, newest first.
---@param tenantId string
---@param filters? audit_log.Filters
---@return audit_log.Entry[]
function M.listAuditLogs(tenantId, filters)
  -- A nil would leave the tenant out of the question, and list every tenant's entries.
  check.id(tenantId, 'tenantId')
  filters = check.fields(filters, 'filters', {
    userId = 'string?',
    entity = 'string?',
    action = 'string?',
    limit = 'count?',
    offset = 'count?',
  })

  return entry.decodeAll(db.auditLog.findMany({
    where = {
      tenantId = tenantId,
      userId = filters.userId,
      entity = filters.entity,
      action = filters.action,
    },
    orderBy = newestFirst,
    take = math.min(filters.limit or 50, mostEntries),
    skip = filters.offset or 0,
  }))
end

--- Lists the whole trail of one record, newest first.
---@param tenantId string
---@param entity string
---@param entityId string
---@return audit_log.Entry[]
function M.getAuditLogsByEntity(tenantId, entity, entityId)
  check.id(tenantId, 'tenantId')
  check.id(entity, 'entity')
  check.id(entityId, 'entityId')
  return entry.decodeAll(db.auditLog.findMany({
    where = { tenantId = tenantId, entity = entity, entityId = entityId },
    orderBy = newestFirst,
  }))
end

--- Lists all that one user did, newest first.
---@param tenantId string
---@param userId string
---@return audit_log.Entry[]
function M.getAuditLogsByUser(tenantId, userId)
  check.id(tenantId, 'tenantId')
  check.id(userId, 'userId')
  return entry.decodeAll(db.auditLog.findMany({
    where = { tenantId = tenantId, userId = userId },
    orderBy = newestFirst,
  }))
end

return M
