--- What was filled in, against the rules of a form.
local fields = require('fields')
local json = require('json')
local kinds = require('kinds') --[[@as form_builder.kinds]]
local list = require('list')
local text = require('text')

---@class form_builder.validation
local M = {}

---@class form_builder.Fault
---@field field string
---@field rule string `required`, `type`, `min`, `max`, `pattern`, `options` or `unknown`
---@field message string for people, with the field's label

---@class form_builder.Validation
---@field valid boolean
---@field errors form_builder.Fault[] every fault, in the order of the fields
---@field values table<string, any> what is right and seen, each in its own type

local function holds(condition, values)
  local value = values[condition.field]
  if condition.equals ~= nil then
    return value == condition.equals
  elseif condition.notEquals ~= nil then
    return value ~= condition.notEquals
  elseif condition.filled ~= nil then
    local filled = value ~= false and not kinds.isEmpty(value)
    return filled == condition.filled
  end
  return list.contains(condition.oneOf, value)
end

--- Tells whether a field is seen beside the values of those before it. What depends on a field that
--- is not seen itself finds nothing filled in there.
---@param field form_builder.Field
---@param values table<string, any>
---@return boolean
function M.isVisible(field, values)
  return list.all(fields.conditionsOf(field), function(condition)
    return holds(condition, values)
  end)
end

local function boundFault(field, kind, value)
  local size = kind.size and kind.size(value)
  local unit = kind.unit and ' ' .. kind.unit or ''
  local verb = kind.unit and 'have' or 'be'
  if field.min and size < field.min then
    return 'min', ('must %s at least %s%s'):format(verb, tostring(field.min), unit)
  elseif field.max and size > field.max then
    return 'max', ('must %s at most %s%s'):format(verb, tostring(field.max), unit)
  end
  return nil
end

local function isOption(field, value)
  return list.any(field.options, function(option)
    return option.value == value
  end)
end

-- A browser sends the number 1 as the text "1".
local function optionValue(field, value)
  local option = list.find(field.options, function(candidate)
    return tostring(candidate.value) == tostring(value)
  end)
  return option and option.value or value
end

local function optionsFault(field, value)
  local chosen = type(value) == 'table' and value or { value }
  local wrong = list.find(chosen, function(choice)
    return not isOption(field, choice)
  end)
  if wrong == nil then
    return nil
  end
  local labels = list.map(field.options, function(option)
    return tostring(option.value)
  end)
  return 'options', 'must be one of ' .. text.truncate(table.concat(labels, ', '), 200)
end

-- Returns the value in its own type, or nil with the rule that it breaks and the message.
local function judge(field, given)
  local kind = kinds.byName[field.type]
  if field.type == 'checkbox' then
    ---@type any, string?
    local value, problem = false, nil
    if given ~= nil and given ~= json.null then
      value, problem = kind.read(given)
    end
    if problem then
      return nil, 'type', problem
    elseif field.required and not value then
      return nil, 'required', 'must be checked'
    end
    return value
  elseif kinds.isEmpty(given) then
    if field.required then
      return nil, 'required', 'is required'
    end
    return nil
  end

  local value, problem = kind.read(given)
  if value == nil then
    return nil, 'type', problem
  end
  if kind.hasOptions then
    value = type(value) == 'table'
        and list.map(value, function(choice)
          return optionValue(field, choice)
        end)
      or optionValue(field, value)
    local rule, message = optionsFault(field, value)
    if rule then
      return nil, rule, message
    end
  end
  local rule, message = boundFault(field, kind, value)
  if rule then
    return nil, rule, message
  elseif field.pattern and not text.matches(value, field.pattern) then
    return nil, 'pattern', field.message or 'does not have the right form'
  end
  return value
end

--- Checks what was filled in: every field that is seen, and that there is nothing else.
---@param definitions form_builder.Field[]
---@param data table<string, any>
---@return form_builder.Validation
function M.validate(definitions, data)
  local errors, values, known = {}, {}, {}
  for _, field in ipairs(definitions) do
    known[field.name] = true
    if M.isVisible(field, values) then
      local value, rule, message = judge(field, data[field.name])
      values[field.name] = value
      if rule then
        errors[#errors + 1] = {
          field = field.name,
          rule = rule,
          message = ('%s %s'):format(field.label, message),
        }
      end
    end
  end
  for _, name in ipairs(list.keys(data)) do
    if not known[name] then
      errors[#errors + 1] = {
        field = name,
        rule = 'unknown',
        message = ('there is no field %s'):format(text.truncate(name, 64)),
      }
    end
  end
  return { valid = #errors == 0, errors = json.array(errors), values = json.object(values) }
end

return M
