--- Lists of settings and values, and the summary of both.
local check = require('check')
local db = require('db')
local list = require('list')
local scopes = require('scope')
local secrets = require('secrets')
local text = require('text')
local values = require('value')

---@class config_summary.db.queries
local M = {}

--- Lists the settings of the instance by their keys; with a prefix, those that begin with it. A
--- caller who belongs to a tenant sees of them what is public.
---@param prefix? string
---@return SystemConfig[]
function M.listConfig(prefix)
  prefix = check.type(prefix, 'string?', 'prefix') or ''
  local records = db.systemConfig.findMany({
    where = { key = { startsWith = prefix } },
    orderBy = { key = 'asc' },
  })
  -- In SQL `_` and `%` stand for other characters, and letters for both their cases.
  return list.filter(records, function(record)
    return text.startsWith(record.key, prefix) and scopes.sees(record.key)
  end)
end

-- Finds the values of a tenant that have not expired, by namespace and key.
local function valuesOf(scope, namespace)
  return list.map(
    db.keyValue.findMany({
      where = { tenantId = scope, namespace = namespace, OR = values.alive() },
      orderBy = { { namespace = 'asc' }, { key = 'asc' }, { id = 'asc' } },
    }),
    values.decode
  )
end

--- Lists the values of a namespace by their keys. What has expired is left out.
---@param tenantId? string nil for everybody's
---@param namespace string
---@return config_summary.Entry[]
function M.listValues(tenantId, namespace)
  local scope = scopes.of(tenantId)
  check.id(namespace, 'namespace')
  return valuesOf(scope, namespace)
end

---@class config_summary.Shown A key with what may be shown of its value.
---@field key string
---@field value any
---@field masked boolean
---@field type? 'string'|'json'|'number'|'boolean'
---@field expiresAt? integer milliseconds since the epoch

---@class config_summary.Namespace
---@field namespace string
---@field values config_summary.Shown[]

---@class config_summary.Summary
---@field tenantId string
---@field config config_summary.Shown[] the settings of the instance that the caller sees
---@field namespaces config_summary.Namespace[] the tenant's values
---@field total integer how many there are of both

local function shown(entry)
  local visible, masked = secrets.shown(entry.key, entry.value)
  return {
    key = entry.key,
    value = visible,
    masked = masked,
    type = entry.type,
    expiresAt = entry.expiresAt,
  }
end

--- Returns the settings of the instance that the caller sees and the values of a tenant, for
--- people: values whose key looks secret are masked, what has expired is left out.
---@param tenantId string
---@return config_summary.Summary
function M.summarizeConfig(tenantId)
  check.tenant(tenantId, 'tenantId')
  local found = db.transaction(function()
    return { config = M.listConfig(), values = valuesOf(tenantId) }
  end)

  local groups = list.groupBy(found.values, 'namespace')
  return {
    tenantId = tenantId,
    config = list.map(found.config, shown),
    namespaces = list.map(list.keys(groups), function(namespace)
      return { namespace = namespace, values = list.map(groups[namespace], shown) }
    end),
    total = #found.config + #found.values,
  }
end

return M
