--- RecordForm: a form for a new record.
local fieldInput = require('ui.field_input')
local list = require('list')
local ui = require('ui')

local M = {}

---@class data_table.RecordFormProps
---@field schema data_table.Schema

--- Renders the form.
---@param props data_table.RecordFormProps
---@return ui.Node
function M.render(props)
  local schema = props.schema
  return ui.Form({
    onSubmit = ui.action('data_table.createRecord', schema.id),
    list.map(schema.fields or {}, function(field)
      return fieldInput.render({ field = field, value = field.default })
    end),
    ui.Button({ type = 'submit', 'Add ' .. (schema.label or schema.name) }),
  })
end

return M
