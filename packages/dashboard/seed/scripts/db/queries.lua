--- Lists of dashboards.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as dashboard.existing]]
local list = require('list')

---@class dashboard.db.queries
local M = {}

-- What a user sees: their own dashboards, the tenant's, and those that others share.
local function seenBy(tenantId, userId)
  local seen = { { userId = db.null }, { isShared = true } }
  if userId then
    seen[#seen + 1] = { userId = userId }
  end
  return { tenantId = tenantId, OR = seen }
end

--- Lists the dashboards that a user sees: their own, the tenant's and shared ones; defaults first.
---@param tenantId string
---@param userId? string nil for those that everybody sees
---@return dashboard.Dashboard[]
function M.listDashboards(tenantId, userId)
  check.tenant(tenantId, 'tenantId')
  userId = check.type(userId, 'id?', 'userId')
  local records = db.dashboard.findMany({
    where = seenBy(tenantId, userId),
    orderBy = { { isDefault = 'desc' }, { name = 'asc' }, { id = 'asc' } },
  })
  return list.map(records, existing.decodeDashboard)
end

--- Returns the dashboard that a user begins with: their own default, else the tenant's; nil where
--- neither is set.
---@param tenantId string
---@param userId? string
---@return dashboard.Dashboard?
function M.getDefaultDashboard(tenantId, userId)
  check.tenant(tenantId, 'tenantId')
  userId = check.type(userId, 'id?', 'userId')
  local records = db.dashboard.findMany({
    where = {
      tenantId = tenantId,
      isDefault = true,
      OR = { { userId = db.null }, userId and { userId = userId } },
    },
    -- The user's own comes before the tenant's: NULL is the least.
    orderBy = { { userId = 'desc' }, { id = 'asc' } },
    take = 1,
  })
  return records[1] and existing.decodeDashboard(records[1])
end

return M
