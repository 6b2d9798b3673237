--- Lists of workflows, and their runs.
local check = require('check')
local db = require('db')
local list = require('list')
local run = require('run')
local workflow = require('workflow')

---@class workflow_editor.db.queries
local M = {}

--- Lists a tenant's workflows by their names.
---@param tenantId string
---@param enabledOnly? boolean
---@return workflow_editor.Workflow[]
function M.listWorkflows(tenantId, enabledOnly)
  check.tenant(tenantId, 'tenantId')
  enabledOnly = check.type(enabledOnly, 'boolean?', 'enabledOnly')
  local records = db.workflow.findMany({
    where = { tenantId = tenantId, enabled = enabledOnly and true or nil },
    orderBy = { { name = 'asc' }, { id = 'asc' } },
  })
  return list.map(records, workflow.decode)
end

--- Runs a workflow and tells what became of it, with a trace of every step. One that is switched off
--- is refused with the code `disabled`.
---
--- A node that fails ends the run, unless an edge leads from it by `error`: what the nodes before it
--- have done stays done. A run ends after 1,000 steps or 10 seconds, too.
---@param workflowId string
---@param input? any
---@return workflow_editor.Run
function M.executeWorkflow(workflowId, input)
  check.id(workflowId, 'workflowId')
  local record = workflow.get(workflowId)
  if not record.enabled then
    error(check.fault('disabled', ('the workflow "%s" is switched off'):format(record.name)))
  end
  return run.run(workflow.decode(record), input)
end

return M
