--- Reading one thing.
local check = require('check')
local graph = require('graph')
local workflow = require('workflow')

---@class workflow_editor.db.read
local M = {}

--- Returns a workflow; nil where there is none.
---@param workflowId string
---@return workflow_editor.Workflow?
function M.getWorkflow(workflowId)
  check.id(workflowId, 'workflowId')
  local record = workflow.find(workflowId)
  return record and workflow.decode(record)
end

--- Returns everything that is wrong with a graph: an empty list where `updateWorkflow` would take it.
---@param nodes any[] each a `workflow_editor.Node`: what is wrong with one is among the faults
---@param edges any[] each a `workflow_editor.Edge`
---@return workflow_editor.Fault[]
function M.validateWorkflow(nodes, edges)
  check.type(nodes, 'array', 'nodes')
  check.type(edges, 'array', 'edges')
  return graph.faults(nodes, edges)
end

return M
