--- Lists of forms and answers.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')
local list = require('list')
local template = require('template')

---@class form_builder.db.queries
local M = {}

--- Lists a tenant's forms by name.
---@param tenantId string
---@param pagination? list.Page
---@return form_builder.Template[]
function M.listFormTemplates(tenantId, pagination)
  check.tenant(tenantId, 'tenantId')
  pagination = check.fields(pagination, 'pagination', list.pageFields())
  local records = db.template.findMany(list.page({
    where = { tenantId = tenantId, category = template.category },
    orderBy = { { name = 'asc' }, { id = 'asc' } },
  }, pagination))
  return list.map(records, template.decode)
end

--- Lists the answers to a form, newest first.
---@param templateId string
---@param pagination? list.Page
---@return form_builder.Submission[]
function M.listSubmissions(templateId, pagination)
  check.id(templateId, 'templateId')
  pagination = check.fields(pagination, 'pagination', list.pageFields())
  local reachable = ctx.bound and { tenantId = ctx.bound }
  local records = db.formSubmission.findMany(list.page({
    where = { templateId = templateId, template = reachable },
    orderBy = { { createdAt = 'desc' }, { id = 'desc' } },
  }, pagination))
  return list.map(records, function(record)
    return json.decodeFields(record, { 'data' })
  end)
end

return M
