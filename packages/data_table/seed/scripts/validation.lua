--- A record against its schema. Every fault is named.
local check = require('check')
local db = require('db')
local list = require('list')
local sql = require('sql')
local text = require('text')
local types = require('types')

---@class data_table.validation
local M = {}

---@class data_table.Fault
---@field field string
---@field rule string `required`, `type`, `min`, `max`, `unique`, `reference`, `unknown`, ...
---@field message string

local function isMissing(value)
  return value == nil or value == db.null or type(value) == 'string' and text.isBlank(value)
end

local function boundFault(field, kind, value)
  local size = kind.size and kind.size(value)
  local what = kind.unit and 'have %s %s ' .. kind.unit or 'be %s %s'
  if field.min ~= nil and size < field.min then
    return 'min', 'must ' .. what:format('at least', tostring(field.min))
  elseif field.max ~= nil and size > field.max then
    return 'max', 'must ' .. what:format('at most', tostring(field.max))
  end
  return nil
end

local function isRecordOf(tenantId, schemaName, recordId)
  local named = { name = schemaName, OR = { { tenantId = tenantId }, { tenantId = db.null } } }
  local where = { id = recordId, tenantId = tenantId, schema = named }
  return db.dynamicData.count({ where = where }) > 0
end

-- Returns the value as it is stored, or nil with the rule that it breaks and the message.
local function judge(field, given, record)
  if isMissing(given) then
    if field.required then
      return nil, 'required', 'is required'
    end
    -- A blank text that is allowed stays what it is.
    return type(given) == 'string' and field.type ~= 'reference' and types.of(field).read(given)
      or nil
  end
  local kind = types.of(field)
  local value = kind.read(given)
  if value == nil then
    return nil, 'type', ('must be %s, found %s'):format(kind.noun, check.describe(given))
  elseif field.enum and not list.contains(field.enum, value) then
    local values = table.concat(list.map(field.enum, tostring), ', ')
    return nil, 'enum', ('must be one of %s, found %s'):format(values, check.describe(value))
  end
  local rule, message = boundFault(field, kind, value)
  if rule then
    return nil, rule, message
  elseif field.pattern and not text.matches(value, field.pattern) then
    return nil, 'pattern', 'does not have the right form: ' .. check.describe(value)
  elseif field.type == 'reference' and not isRecordOf(record.tenantId, field.reference, value) then
    return nil,
      'reference',
      ('is no record of %s: %s'):format(field.reference, check.describe(value))
  elseif
    field.unique and sql.isUsed(record.schemaId, record.tenantId, field.name, value, record.id)
  then
    return nil, 'unique', 'is taken: ' .. check.describe(value)
  end
  return value
end

--- Checks the data of a record, and returns it as it is stored: null left out. Raises
--- `invalid_record` with `faults`, every one. Call it in the transaction that writes the record.
---@param schema data_table.Schema
---@param record { id?: string, tenantId: string, schemaId: string } whose data it is
---@param data table<string, any>
---@return table<string, any>
function M.check(schema, record, data)
  local faults, values, known = {}, {}, {}
  local function add(name, rule, message)
    local fault = { field = name, rule = rule, message = ('`%s` %s'):format(name, message) }
    faults[#faults + 1] = fault
  end
  for _, field in ipairs(schema.fields) do
    known[field.name] = true
    local value, rule, message = judge(field, data[field.name], record)
    values[field.name] = value
    if rule then
      add(field.name, rule, message)
    end
  end
  for _, name in ipairs(list.keys(data)) do
    if not known[name] then
      add(name, 'unknown', ('is no field of %s'):format(schema.name))
    end
  end
  if #faults > 0 then
    local message = table.concat(list.pluck(faults, 'message'), '\n')
    error(check.fault('invalid_record', message, { faults = faults }))
  end
  return values
end

return M
