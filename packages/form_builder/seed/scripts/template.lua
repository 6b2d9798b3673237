--- A form as callers see it, and which ones they may reach.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')

local M = {}

---@class form_builder.Content
---@field title string
---@field description? string
---@field submitLabel? string
---@field fields string[] the names of the fields, in order

---@class form_builder.Template A form with its JSON fields as tables.
---@field id string
---@field tenantId string
---@field category string
---@field name string
---@field content form_builder.Content
---@field variables form_builder.Field[] the definitions of the fields
---@field createdAt integer milliseconds since the epoch
---@field updatedAt? integer milliseconds since the epoch

--- The category of the templates that are forms.
M.category = 'form'

--- Encodes the JSON fields in place.
---@param fields table<string, any>
---@return any
function M.encode(fields)
  return json.encodeFields(fields, { 'content', 'variables' })
end

--- Decodes the JSON columns of a record in place.
---@param record Template
---@return form_builder.Template
function M.decode(record)
  local template = json.decodeFields(record, { 'content', 'variables' })
  template.variables = template.variables or json.array()
  return template
end

--- Looks for a form that the caller may reach.
---@param templateId string
---@return form_builder.Template?
function M.find(templateId)
  local where = { id = templateId, tenantId = ctx.bound, category = M.category }
  local record = db.template.findFirst({ where = where })
  return record and M.decode(record)
end

--- Returns a form that the caller may reach; raises `not_found` where there is none.
---@param templateId string
---@return form_builder.Template
function M.get(templateId)
  return check.found(M.find(templateId), 'form', templateId)
end

return M
