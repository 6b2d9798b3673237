--- FormField: one field with its label, its value and its faults.
local json = require('json')
local list = require('list')
local ui = require('ui')

local M = {}

---@class form_builder.FormFieldProps
---@field field form_builder.Field
---@field value? any
---@field errors? string[]

-- What somebody filled in may be of any type: only texts, numbers and booleans go into a prop.
local function plain(value)
  return type(value) ~= 'table' and type(value) ~= 'function' and value ~= json.null and value
    or nil
end

local function isChosen(option, value)
  local chosen = type(value) == 'table' and value or { value }
  return list.any(chosen, function(choice)
    return tostring(choice) == tostring(option.value)
  end)
end

local function select(field, value, props)
  props.multiple = field.type == 'multiselect' or nil
  return ui.node(
    'Select',
    props,
    list.map(field.options or {}, function(option)
      return ui.Option({
        value = option.value,
        selected = isChosen(option, value),
        option.label,
      })
    end)
  )
end

local function radios(field, value, props)
  return ui.Stack({
    ui.Label(field.label),
    list.map(field.options or {}, function(option)
      return ui.Input({
        type = 'radio',
        name = field.name,
        label = option.label,
        value = option.value,
        checked = isChosen(option, value),
        required = props.required,
      })
    end),
  })
end

local function input(field, value, props)
  props.type = field.type == 'integer' and 'number' or field.type
  props.placeholder = field.placeholder
  props.min, props.max = field.min, field.max
  -- A password is never sent back to the page.
  props.value = field.type ~= 'password' and plain(value) or nil
  return ui.Input(props)
end

local controls = {
  select = select,
  multiselect = select,
  radio = radios,
  textarea = function(field, value, props)
    props.placeholder = field.placeholder
    props.value = plain(value)
    return ui.Textarea(props)
  end,
  checkbox = function(_, value, props)
    props.checked = value == true or value == 'true' or value == 'on'
    return ui.Checkbox(props)
  end,
}

--- Renders the field.
---@param props form_builder.FormFieldProps
---@return ui.Node
function M.render(props)
  local field, errors = props.field, props.errors or {}
  local control = (controls[field.type] or input)(field, props.value, {
    name = field.name,
    label = field.label,
    required = field.required or nil,
    invalid = #errors > 0 or nil,
  })
  return ui.Box({
    key = field.name,
    control,
    field.help and ui.Text({ variant = 'caption', field.help }),
    list.map(errors, function(message)
      return ui.Text({ color = 'error', tostring(message) })
    end),
  })
end

return M
