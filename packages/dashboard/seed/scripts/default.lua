--- Which dashboard a user, or a tenant without a user, begins with: one at the most.
local db = require('db')

local M = {}

--- Takes the mark from the dashboard that has it. Call it in the transaction that sets another.
---@param tenantId string
---@param userId? string
function M.clear(tenantId, userId)
  db.dashboard.updateMany({
    where = { tenantId = tenantId, userId = userId or db.null, isDefault = true },
    data = { isDefault = false },
  })
end

return M
