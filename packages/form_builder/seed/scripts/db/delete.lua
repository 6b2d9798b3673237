--- Removing forms and answers.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')
local template = require('template')

local M = {}

--- Deletes a form with its answers, and returns what it was.
---@param templateId string
---@return form_builder.Template
function M.deleteFormTemplate(templateId)
  check.id(templateId, 'templateId')
  return db.transaction(function()
    local form = template.get(templateId)
    db.template.delete({ where = { id = form.id } })
    return form
  end)
end

--- Deletes an answer, and returns what it was.
---@param submissionId string
---@return form_builder.Submission
function M.deleteSubmission(submissionId)
  check.id(submissionId, 'submissionId')
  return db.transaction(function()
    local reachable = ctx.bound and { tenantId = ctx.bound }
    local where = { id = submissionId, template = reachable }
    local found =
      check.found(db.formSubmission.findFirst({ where = where }), 'answer', submissionId)
    db.formSubmission.delete({ where = { id = found.id } })
    return json.decodeFields(found, { 'data' })
  end)
end

return M
