--- The names of dashboards: unique for each tenant and user.
local check = require('check')
local db = require('db')

---@class dashboard.names
local M = {}

--- Raises `taken` where another dashboard of the same tenant and user has the name.
---
--- SQLite takes NULLs as distinct, so the index does not see to it where there is no user.
---@param tenantId string
---@param userId? string
---@param name string
---@param dashboardId? string the one that may have it
function M.checkFree(tenantId, userId, name, dashboardId)
  local other = db.dashboard.findFirst({
    where = {
      tenantId = tenantId,
      userId = userId or db.null,
      name = name,
      id = dashboardId and { ['not'] = dashboardId },
    },
  })
  check.free(other, 'dashboard', name)
end

return M
