--- Deleting workflows.
local check = require('check')
local db = require('db')
local workflow = require('workflow')

local M = {}

--- Deletes a workflow, and returns what it was.
---@param workflowId string
---@return workflow_editor.Workflow
function M.deleteWorkflow(workflowId)
  check.id(workflowId, 'workflowId')
  return db.transaction(function()
    local record = workflow.get(workflowId)
    return workflow.decode(db.workflow.delete({ where = { id = record.id } }))
  end)
end

return M
