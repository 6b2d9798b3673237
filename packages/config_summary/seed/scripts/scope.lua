--- Whose values are meant.
local check = require('check')
local ctx = require('ctx')
local db = require('db')

local M = {}

--- Returns whose values are meant, for a `where`: those of a tenant, or without one everybody's,
--- which a caller who belongs to a tenant does not reach.
---@param tenantId? string
---@return string|userdata
function M.of(tenantId)
  if (tenantId == nil or tenantId == db.null) and not ctx.bound then
    return db.null
  end
  return check.tenant(tenantId, 'tenantId')
end

return M
