--- The definitions of a form's fields: checked once, when they are stored.
local check = require('check')
local json = require('json')
local kinds = require('kinds') --[[@as form_builder.kinds]]
local list = require('list')
local text = require('text')

local M = {}

local mostFields = 200

---@class form_builder.Condition When a field is seen. It has `field`, and one of the others.
---@field field string the name of a field before it
---@field equals? string|number|boolean
---@field notEquals? string|number|boolean
---@field oneOf? (string|number)[]
---@field filled? boolean whether something was filled in

---@class form_builder.Option
---@field value string|number
---@field label string

---@class form_builder.Field
---@field name string
---@field type string
---@field label string
---@field required? boolean
---@field min? number|string the least value, length, number of options, or the earliest date
---@field max? number|string
---@field pattern? string a Lua pattern that the text has to have in it
---@field message? string what is said where the pattern does not fit
---@field options? form_builder.Option[]
---@field default? any
---@field placeholder? string
---@field help? string
---@field visibleWhen? form_builder.Condition|form_builder.Condition[] all of them have to be met

local fieldTypes = {
  name = 'text',
  type = 'text',
  label = 'text?',
  required = 'boolean?',
  min = 'any?',
  max = 'any?',
  pattern = 'text?',
  message = 'text?',
  options = 'array?',
  default = 'any?',
  placeholder = 'string?',
  help = 'string?',
  visibleWhen = 'table?',
}

-- Adds what a check raises to the faults. Returns what it gave.
local function try(faults, checked, ...)
  local ok, result = pcall(checked, ...)
  if ok then
    return result
  end
  faults[#faults + 1] = tostring(result):gsub('^[^`]*:%d+: ', '')
  return nil
end

local function checkOptions(options, place, add)
  if not options or #options == 0 then
    add('`%s.options` must name at least one option', place)
    return nil
  end
  local taken = {}
  return list.map(options, function(option, index)
    if type(option) ~= 'table' then
      option = { value = option }
    end
    local value, label = option.value, option.label
    if type(value) ~= 'string' and type(value) ~= 'number' then
      local message = '`%s.options[%d]` must be a text or a number, found %s'
      add(message, place, index, check.describe(value))
    elseif taken[value] then
      add('`%s.options[%d]` is there twice', place, index)
    else
      taken[value] = true
    end
    return { value = value, label = type(label) == 'string' and label or tostring(value) }
  end)
end

local operators = { 'equals', 'notEquals', 'oneOf', 'filled' }

local function checkCondition(condition, place, earlier, add)
  if type(condition) ~= 'table' or type(condition.field) ~= 'string' then
    add('`%s.visibleWhen` must name a `field`', place)
    return
  end
  if not earlier[condition.field] then
    -- Looking back only, no field can depend on itself.
    add(
      '`%s.visibleWhen.field` must be a field before it, found %s',
      place,
      check.describe(condition.field)
    )
  end
  local given = list.filter(operators, function(operator)
    return condition[operator] ~= nil
  end)
  if #given ~= 1 then
    add('`%s.visibleWhen` must have one of %s', place, table.concat(operators, ', '))
  elseif given[1] == 'oneOf' and type(condition.oneOf) ~= 'table' then
    add('`%s.visibleWhen.oneOf` must be a list', place)
  end
end

local function checkBounds(field, kind, place, add)
  for _, side in ipairs({ 'min', 'max' }) do
    local bound = field[side]
    local message
    if bound == nil then
      message = nil
    elseif not kind.boundType then
      message = '`%s.%s` means nothing for a field of the type ' .. field.type
    elseif kind.boundType == 'number' and type(bound) ~= 'number' then
      message = '`%s.%s` must be a number'
    elseif kind.boundType == 'date' and not kind.read(bound) then
      message = '`%s.%s` ' .. select(2, kind.read(bound))
    end
    if message then
      add(message, place, side)
      field[side] = nil
    end
  end
  if field.min and field.max and field.min > field.max then
    add('`%s.min` is more than `max`', place)
  end
end

local function checkPattern(field, kind, place, add)
  if field.pattern and not kind.hasPattern then
    add('`%s.pattern` means nothing for a field of the type %s', place, field.type)
  elseif field.pattern and not text.isPattern(field.pattern) then
    add('`%s.pattern` is no Lua pattern: %s', place, check.describe(field.pattern))
  end
end

local function checkField(given, place, earlier, faults)
  local function add(message, ...)
    faults[#faults + 1] = message:format(...)
  end
  local field = try(faults, function()
    local checked = check.fields(given, place, fieldTypes)
    return checked
  end)
  if not field then
    return nil
  end
  if not field.name:find('^[%a_][%w_]*$') or #field.name > 64 then
    local message = '`%s.name` must be letters, digits and `_`, found %s'
    add(message, place, check.describe(field.name))
  elseif earlier[field.name] then
    add('`%s.name` is there twice: %s', place, field.name)
  end

  local kind = kinds.byName[field.type]
  if not kind then
    local names = table.concat(list.keys(kinds.byName), ', ')
    add('`%s.type` must be one of %s, found %s', place, names, check.describe(field.type))
    return field
  end
  if kind.hasOptions then
    field.options = checkOptions(field.options, place, add)
  elseif field.options then
    add('`%s.options` means nothing for a field of the type %s', place, field.type)
  end
  checkBounds(field, kind, place, add)
  checkPattern(field, kind, place, add)
  if field.default ~= nil then
    local value, problem = kind.read(field.default)
    if value == nil then
      add('`%s.default` %s', place, problem)
    end
    field.default = value
  end
  for _, condition in ipairs(M.conditionsOf(field)) do
    checkCondition(condition, place, earlier, add)
  end
  field.label = field.label or field.name
  return field
end

--- Returns the conditions under which a field is seen.
---@param field form_builder.Field
---@return form_builder.Condition[]
function M.conditionsOf(field)
  ---@type any
  local conditions = field.visibleWhen
  if not conditions then
    return {}
  end
  return #conditions > 0 and conditions or { conditions }
end

--- Returns the names of fields, in order.
---@param variables form_builder.Field[]
---@return string[]
function M.namesOf(variables)
  return json.array(list.pluck(variables, 'name'))
end

--- Checks the definitions of a form's fields, and completes them. Raises `invalid_fields` with
--- every fault.
---@param fields form_builder.Field[]
---@param name string the argument's name
---@return form_builder.Field[]
function M.check(fields, name)
  local faults, earlier = {}, {}
  if #fields == 0 or #fields > mostFields then
    local message = '`%s` must be 1 to %d fields, found %d'
    faults[1] = message:format(name, mostFields, #fields)
  end
  local checked = list.map(#faults == 0 and fields or {}, function(given, index)
    local field = checkField(given, ('%s[%d]'):format(name, index), earlier, faults)
    if field then
      earlier[field.name] = true
    end
    return field
  end)
  if #faults > 0 then
    error(check.fault('invalid_fields', table.concat(faults, '\n'), { faults = faults }))
  end
  return checked
end

return M
