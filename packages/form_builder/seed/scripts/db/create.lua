--- New forms, and answers to them.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local fieldDefinitions = require('fields')
local json = require('json')
local template = require('template')
local time = require('time')
local validation = require('validation') --[[@as form_builder.validation]]

local M = {}

---@class form_builder.Texts
---@field title? string the form's name, if left out
---@field description? string
---@field submitLabel? string

--- Makes a form in the caller's tenant. Wrong definitions raise `invalid_fields` with every fault.
---@param name string
---@param fields any[] the definitions as `form_builder.Field` has them; a label and the long form of options may be left out
---@param texts? form_builder.Texts
---@return form_builder.Template
function M.createFormTemplate(name, fields, texts)
  check.text(name, 'name')
  check.type(fields, 'array', 'fields')
  texts = check.fields(texts, 'texts', {
    title = 'text?',
    description = 'string?',
    submitLabel = 'text?',
  })
  local variables = fieldDefinitions.check(fields, 'fields')

  return template.decode(db.template.create({
    data = template.encode({
      tenantId = ctx.tenant,
      category = template.category,
      name = name,
      content = {
        title = texts.title or name,
        description = texts.description,
        submitLabel = texts.submitLabel,
        fields = fieldDefinitions.namesOf(variables),
      },
      variables = variables,
      createdAt = time.now(),
    }),
  }))
end

---@class form_builder.Submission
---@field id string
---@field templateId string
---@field userId? string
---@field data table<string, any>
---@field createdAt integer milliseconds since the epoch

--- Keeps an answer to a form. One that is not valid raises `invalid_data`, with `errors` as
--- validateFormData has them.
---@param templateId string
---@param data table<string, any>
---@return form_builder.Submission
function M.submitForm(templateId, data)
  check.id(templateId, 'templateId')
  check.type(data, 'object', 'data')
  return db.transaction(function()
    local form = template.get(templateId)
    local result = validation.validate(form.variables, data)
    if not result.valid then
      local messages = {}
      for index, fault in ipairs(result.errors) do
        messages[index] = fault.message
      end
      local message = table.concat(messages, '\n')
      error(check.fault('invalid_data', message, { errors = result.errors }))
    end
    return json.decodeFields(
      db.formSubmission.create({
        data = {
          templateId = form.id,
          userId = ctx.user,
          data = json.encode(result.values),
          createdAt = time.now(),
        },
      }),
      { 'data' }
    )
  end)
end

return M
