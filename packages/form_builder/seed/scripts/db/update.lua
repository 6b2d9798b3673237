--- Changes of forms.
local check = require('check')
local db = require('db')
local fieldDefinitions = require('fields')
local template = require('template')
local time = require('time')

local M = {}

---@class form_builder.TemplateChanges
---@field name? string
---@field fields? any[] all of them: what is not named is gone
---@field title? string
---@field description? string|db.Null null empties it
---@field submitLabel? string|db.Null null empties it

--- Changes a form; what is not named stays. Answers that were given stay as they were given.
---@param templateId string
---@param changes form_builder.TemplateChanges
---@return form_builder.Template
function M.updateFormTemplate(templateId, changes)
  check.id(templateId, 'templateId')
  changes = check.changes(changes, 'changes', {
    name = 'text',
    fields = 'array',
    title = 'text',
    description = 'string?',
    submitLabel = 'text?',
  })
  local variables = changes.fields and fieldDefinitions.check(changes.fields, 'changes.fields')

  return db.transaction(function()
    local form = template.get(templateId)
    local content = form.content
    for _, name in ipairs({ 'title', 'description', 'submitLabel' }) do
      if changes[name] == db.null then
        content[name] = nil
      elseif changes[name] then
        content[name] = changes[name]
      end
    end
    content.fields = fieldDefinitions.namesOf(variables or form.variables)
    return template.decode(db.template.update({
      where = { id = form.id },
      data = template.encode({
        name = changes.name,
        content = content,
        variables = variables,
        updatedAt = time.now(),
      }),
    }))
  end)
end

return M
