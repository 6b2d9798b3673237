--- FieldInput: the control for one field.
local list = require('list')
local ui = require('ui')

local M = {}

local inputTypes = {
  email = 'email',
  url = 'url',
  number = 'number',
  integer = 'number',
  date = 'date',
  datetime = 'datetime',
}

---@class data_table.FieldInputProps
---@field field data_table.Field
---@field value? any

--- Renders the control: a choice where the values are known, else what the field's type needs.
---@param props data_table.FieldInputProps
---@return ui.Node
function M.render(props)
  local field, value = props.field, props.value
  local shared =
    { name = field.name, label = field.label or field.name, required = field.required or nil }
  if field.enum then
    return ui.node(
      'Select',
      shared,
      list.map(field.enum, function(choice)
        return ui.Option({ value = choice, selected = choice == value, tostring(choice) })
      end)
    )
  elseif field.type == 'boolean' then
    shared.checked = value == true
    return ui.Checkbox(shared)
  end
  shared.value = type(value) ~= 'table' and value or nil
  if field.type == 'text' or field.type == 'array' or field.type == 'object' then
    return ui.Textarea(shared)
  end
  shared.type = inputTypes[field.type] or 'text'
  shared.min, shared.max = field.min, field.max
  return ui.Input(shared)
end

return M
