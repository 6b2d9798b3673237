--- Changes of workflows.
local check = require('check')
local db = require('db')
local graph = require('graph')
local json = require('json')
local time = require('time')
local workflow = require('workflow')

local M = {}

local function change(workflowId, data)
  return db.transaction(function()
    local record = workflow.get(workflowId)
    data.updatedAt = time.now()
    return workflow.decode(db.workflow.update({ where = { id = record.id }, data = data }))
  end)
end

--- Puts another graph in place of the one that is there. One that is not whole is refused with the
--- code `invalid_workflow` and everything that is wrong in `faults`.
---@param workflowId string
---@param nodes any[] each a `workflow_editor.Node`: what is wrong with one is among the faults
---@param edges any[] each a `workflow_editor.Edge`
---@return workflow_editor.Workflow
function M.updateWorkflow(workflowId, nodes, edges)
  check.id(workflowId, 'workflowId')
  check.type(nodes, 'array', 'nodes')
  check.type(edges, 'array', 'edges')
  graph.demand(nodes, edges)
  local data =
    json.encodeFields({ nodes = json.array(nodes), edges = json.array(edges) }, workflow.jsonFields)
  data.version = { increment = 1 }
  return change(workflowId, data)
end

--- Switches a workflow on.
---@param workflowId string
---@return workflow_editor.Workflow
function M.enableWorkflow(workflowId)
  check.id(workflowId, 'workflowId')
  return change(workflowId, { enabled = true })
end

--- Switches a workflow off: it does not run any more.
---@param workflowId string
---@return workflow_editor.Workflow
function M.disableWorkflow(workflowId)
  check.id(workflowId, 'workflowId')
  return change(workflowId, { enabled = false })
end

return M
