--- Reading one form: as data, and as a node tree.
local check = require('check')
local formView = require('ui.form_view')
local template = require('template')
local validation = require('validation') --[[@as form_builder.validation]]

---@class form_builder.db.read
local M = {}

--- Returns a form; nil where there is none.
---@param templateId string
---@return form_builder.Template?
function M.getFormTemplate(templateId)
  check.id(templateId, 'templateId')
  return template.find(templateId)
end

--- Checks what was filled in. Every fault is named; fields that are not seen do not count.
---@param templateId string
---@param data table<string, any>
---@return form_builder.Validation
function M.validateFormData(templateId, data)
  check.id(templateId, 'templateId')
  check.type(data, 'object', 'data')
  return validation.validate(template.get(templateId).variables, data)
end

--- Renders a form as a node tree. Without data it has the defaults and no faults, with data what
--- was filled in and what is wrong with it.
---@param templateId string
---@param data? table<string, any>
---@return ui.Node
function M.renderForm(templateId, data)
  check.id(templateId, 'templateId')
  data = check.type(data, 'object?', 'data')
  local form = template.get(templateId)
  return formView.render({
    template = form,
    values = data,
    errors = data and validation.validate(form.variables, data).errors,
    onSubmit = 'form_builder.submitForm',
  })
end

return M
