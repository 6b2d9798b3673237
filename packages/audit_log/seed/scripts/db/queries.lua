--- Queries over a tenant's audit trail.
local check = require('check')
local db = require('db')
local entry = require('entry')
local list = require('list')

---@class audit_log.db.queries
local M = {}

-- Entries of the same millisecond keep a fixed order, so that pages neither repeat nor lose one.
local newestFirst = { { timestamp = 'desc' }, { id = 'desc' } }

---@class audit_log.Filters: list.Page
---@field userId? string
---@field entity? string
---@field action? string

--- Lists a tenant's audit entries, newest first.
---@param tenantId string
---@param filters? audit_log.Filters
---@return audit_log.Entry[]
function M.listAuditLogs(tenantId, filters)
  -- A nil would leave the tenant out of the question, and list every tenant's entries.
  check.tenant(tenantId, 'tenantId')
  filters = check.fields(
    filters,
    'filters',
    list.pageFields({ userId = 'string?', entity = 'string?', action = 'string?' })
  )

  local records = db.auditLog.findMany(list.page({
    where = {
      tenantId = tenantId,
      userId = filters.userId,
      entity = filters.entity,
      action = filters.action,
    },
    orderBy = newestFirst,
  }, filters))
  return list.map(records, entry.decode)
end

--- Lists the whole trail of one record, newest first.
---@param tenantId string
---@param entity string
---@param entityId string
---@return audit_log.Entry[]
function M.getAuditLogsByEntity(tenantId, entity, entityId)
  check.tenant(tenantId, 'tenantId')
  check.id(entity, 'entity')
  check.id(entityId, 'entityId')
  local records = db.auditLog.findMany({
    where = { tenantId = tenantId, entity = entity, entityId = entityId },
    orderBy = newestFirst,
  })
  return list.map(records, entry.decode)
end

--- Lists all that one user did, newest first.
---@param tenantId string
---@param userId string
---@return audit_log.Entry[]
function M.getAuditLogsByUser(tenantId, userId)
  check.tenant(tenantId, 'tenantId')
  check.id(userId, 'userId')
  local records = db.auditLog.findMany({
    where = { tenantId = tenantId, userId = userId },
    orderBy = newestFirst,
  })
  return list.map(records, entry.decode)
end

return M
