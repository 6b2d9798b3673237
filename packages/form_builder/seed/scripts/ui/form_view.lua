--- FormView: a form with the fields that are to be seen, their values and faults.
local formField = require('ui.form_field')
local list = require('list')
local text = require('text')
local ui = require('ui')
local validation = require('validation') --[[@as form_builder.validation]]

local M = {}

---@class form_builder.FormViewProps
---@field template form_builder.Template
---@field values? table<string, any> the defaults, if left out
---@field errors? form_builder.Fault[]
---@field onSubmit? string the operation that takes the answer

local function defaultsOf(fields)
  local values = {}
  for _, field in ipairs(fields) do
    values[field.name] = field.default
  end
  return values
end

--- Renders the form. What depends on a field is there while that field has the value for it.
---@param props form_builder.FormViewProps
---@return ui.Node
function M.render(props)
  local template = props.template
  local content, fields = template.content or {}, template.variables or {}
  ---@type any
  local values = props.values or defaultsOf(fields)
  local errors = list.groupBy(props.errors or {}, 'field')
  -- Whether a field is seen depends on values in their own types, not as a browser sends them.
  local read = validation.validate(fields, values).values
  local visible = list.filter(fields, function(field)
    return validation.isVisible(field, read)
  end)
  local unknown = list.filter(props.errors or {}, function(fault)
    return fault.rule == 'unknown'
  end)

  return ui.Form({
    key = template.id,
    onSubmit = props.onSubmit and ui.action(props.onSubmit, template.id),
    ui.Heading({ level = 2, content.title or template.name }),
    content.description and ui.Text(content.description),
    #(props.errors or {}) > 0 and ui.Alert({
      severity = 'error',
      text.plural(#props.errors, 'entry needs', 'entries need') .. ' attention',
    }),
    list.map(unknown, function(fault)
      return ui.Alert({ severity = 'error', fault.message })
    end),
    list.map(visible, function(field)
      return formField.render({
        field = field,
        value = values[field.name],
        errors = list.pluck(errors[field.name] or {}, 'message'),
      })
    end),
    ui.Button({ type = 'submit', content.submitLabel or 'Submit' }),
  })
end

return M
