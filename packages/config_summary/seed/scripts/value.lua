--- Stored values as callers see them: text in the database, their own type in Lua.
local check = require('check')
local db = require('db')
local json = require('json')
local time = require('time')

local M = {}

---@alias config_summary.Value string|number|boolean|table

---@class config_summary.Entry A stored value with its own type.
---@field tenantId? string nil where it is everybody's
---@field namespace string
---@field key string
---@field value config_summary.Value
---@field type 'string'|'json'|'number'|'boolean'
---@field expiresAt? integer milliseconds since the epoch

--- Returns a value's type, and the text that is stored for it. Raises where it has none.
---@param value config_summary.Value
---@return 'string'|'json'|'number'|'boolean' type
---@return string text
function M.encode(value)
  if type(value) == 'string' then
    return 'string', value
  end
  ---@type any
  local kind = type(value)
  if kind ~= 'table' and kind ~= 'number' and kind ~= 'boolean' or value == db.null then
    local found = check.describe(value)
    error('`value` must be a text, a number, true, false or a table, found ' .. found, 3)
  end
  local ok, encoded = pcall(json.encode, value)
  if not ok then
    error('`value` has no JSON form: ' .. tostring(encoded), 3)
  end
  kind = kind == 'table' and 'json' or kind
  ---@cast kind any
  return kind, encoded
end

--- Returns a record with its value in its own type.
---@param record KeyValue
---@return config_summary.Entry
function M.decode(record)
  local value = record.value
  if record.type ~= 'string' then
    value = json.decode(value)
  end
  return {
    tenantId = record.tenantId,
    namespace = record.namespace,
    key = record.key,
    value = value,
    type = record.type --[[@as any]],
    expiresAt = record.expiresAt,
  }
end

--- Returns the condition for what has not expired.
---@return KeyValueWhereInput[]
function M.alive()
  return { { expiresAt = db.null }, { expiresAt = { gt = time.now() } } }
end

return M
