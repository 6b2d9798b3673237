--- A workflow as callers see it.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')

local M = {}

---@class workflow_editor.Node
---@field id string unique in the workflow
---@field type string
---@field name? string what people read
---@field config? table<string, any> what the type asks for
---@field position? { x: number, y: number } where an editor shows it

---@class workflow_editor.Edge
---@field source string a node's id
---@field target string a node's id
---@field branch? string which way out of the source it is: `true`, `false`, a case, `default`, `body`, `done`, `error`

---@class workflow_editor.Workflow
---@field id string
---@field tenantId? string
---@field name string
---@field description? string
---@field nodes workflow_editor.Node[]
---@field edges workflow_editor.Edge[]
---@field enabled boolean
---@field version integer counts the changes of the graph
---@field createdAt integer milliseconds since the epoch
---@field updatedAt? integer milliseconds since the epoch

--- The fields that are JSON text in the database.
M.jsonFields = { 'nodes', 'edges' }

--- Decodes the JSON columns of a record in place.
---@param record Workflow
---@return workflow_editor.Workflow
function M.decode(record)
  return json.decodeFields(record, M.jsonFields)
end

--- Returns the record of an id, where the caller may reach it; nil where there is none.
---@param workflowId string
---@return Workflow?
function M.find(workflowId)
  return db.workflow.findFirst({ where = { id = workflowId, tenantId = ctx.bound } })
end

--- Returns the record of an id; raises `not_found` where there is none.
---@param workflowId string
---@return Workflow
function M.get(workflowId)
  return check.found(M.find(workflowId), 'workflow', workflowId)
end

return M
