--- Deleting settings and values.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local scopes = require('scope')
local time = require('time')
local values = require('value')

local M = {}

--- Deletes a setting of the instance. Returns whether it was there. A caller who belongs to a
--- tenant is refused with the code `forbidden`.
---@param key string
---@return boolean
function M.deleteConfig(key)
  check.id(key, 'key')
  scopes.demand(not ctx.bound, key)
  return db.systemConfig.deleteMany({ where = { key = key } }).count > 0
end

--- Deletes a tenant's value. Returns whether it was there, and had not expired.
---@param tenantId? string nil for everybody's
---@param namespace string
---@param key string
---@return boolean
function M.deleteValue(tenantId, namespace, key)
  local where = { tenantId = scopes.of(tenantId) }
  where.namespace = check.id(namespace, 'namespace')
  where.key = check.id(key, 'key')
  return db.transaction(function()
    local alive = db.keyValue.count({
      where = { tenantId = where.tenantId, namespace = namespace, key = key, OR = values.alive() },
    })
    db.keyValue.deleteMany({ where = where })
    return alive > 0
  end)
end

--- Deletes what has expired, of all that the caller reaches. Nobody sees it any more; this frees
--- its space.
---@return integer count
function M.deleteExpiredValues()
  local where = { tenantId = ctx.bound, expiresAt = { lte = time.now() } }
  return db.keyValue.deleteMany({ where = where }).count
end

return M
