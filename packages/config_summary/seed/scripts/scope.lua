--- Whose values are meant, and which settings of the instance a caller sees.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local text = require('text')

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

-- What the keys of settings begin with that every tenant may see.
local public = 'public.'

--- Tells whether the caller sees a setting of the instance: one who belongs to a tenant sees
--- those that are public, by their key.
---@param key string
---@return boolean
function M.sees(key)
  return not ctx.bound or text.startsWith(key, public)
end

--- Raises `forbidden`, whether there is such a setting or not, where the caller may not do this
--- with it.
---@param may boolean
---@param key string
function M.demand(may, key)
  if not may then
    local message = '`%s` is a setting of the instance: a tenant reads those that begin with `%s`'
    error(check.fault('forbidden', message:format(key, public), { key = key }))
  end
end

return M
