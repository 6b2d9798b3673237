--- Setting settings and values.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local scopes = require('scope')
local time = require('time')
local values = require('value')

local M = {}

-- A hundred years: what is to last longer needs no expiry.
local mostTtlMs = 100 * 365 * time.day

--- Sets a setting of the instance. Numbers and booleans are kept as text. A caller who belongs to
--- a tenant is refused with the code `forbidden`.
---@param key string
---@param value string|number|boolean
---@return SystemConfig
function M.setConfig(key, value)
  check.id(key, 'key')
  scopes.demand(not ctx.bound, key)
  local kind, stored = values.encode(value)
  if kind == 'json' then
    error('`value` must be a text, a number, true or false: a table goes into setValue', 2)
  end
  return db.systemConfig.upsert({
    where = { key = key },
    create = { key = key, value = stored },
    update = { value = stored },
  })
end

--- Sets a tenant's value, with its type. Setting it anew begins its time anew, or ends the limit.
---@param tenantId? string nil for everybody's
---@param namespace string
---@param key string
---@param value config_summary.Value
---@param ttlMs? integer how long it is there, in milliseconds; without, it stays
---@return config_summary.Entry
function M.setValue(tenantId, namespace, key, value, ttlMs)
  local scope = scopes.of(tenantId)
  check.id(namespace, 'namespace')
  check.id(key, 'key')
  local kind, stored = values.encode(value)
  if ttlMs ~= nil and ttlMs ~= db.null then
    ttlMs = check.integer(ttlMs, 'ttlMs', 1, mostTtlMs)
  end

  ---@type any
  local data = {
    value = stored,
    type = kind,
    expiresAt = ttlMs and ttlMs ~= db.null and time.now() + ttlMs or db.null,
  }
  -- SQLite takes NULLs as distinct: where there is no tenant, no index keeps a second one out.
  return db.transaction(function()
    local where = { tenantId = scope, namespace = namespace, key = key }
    local record = db.keyValue.findFirst({ where = where, select = { id = true } })
    if record then
      return values.decode(db.keyValue.update({ where = { id = record.id }, data = data }))
    end
    for name, column in pairs(where) do
      data[name] = column
    end
    return values.decode(db.keyValue.create({ data = data }))
  end)
end

return M
