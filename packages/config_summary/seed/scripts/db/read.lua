--- Reading one setting or value.
local check = require('check')
local db = require('db')
local scopes = require('scope')
local values = require('value')

local M = {}

--- Returns a setting of the instance; nil where it is not set. A caller who belongs to a tenant
--- reads those that are public; else the code is `forbidden`.
---@param key string
---@return string?
function M.getConfig(key)
  check.id(key, 'key')
  scopes.demand(scopes.sees(key), key)
  local record = db.systemConfig.findUnique({ where = { key = key } })
  return record and record.value
end

--- Returns a tenant's value in the type that it was set with; nil where it is not set, or expired.
---@param tenantId? string nil for everybody's
---@param namespace string
---@param key string
---@return config_summary.Value?
function M.getValue(tenantId, namespace, key)
  local scope = scopes.of(tenantId)
  check.id(namespace, 'namespace')
  check.id(key, 'key')
  local record = db.keyValue.findFirst({
    where = { tenantId = scope, namespace = namespace, key = key, OR = values.alive() },
  })
  if not record then
    return nil
  end
  return values.decode(record).value
end

return M
