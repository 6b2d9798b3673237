--- New workflows.
local check = require('check')
local db = require('db')
local json = require('json')
local time = require('time')
local workflow = require('workflow')

local M = {}

--- Makes a workflow with a trigger and nothing else. It is switched off until `enableWorkflow`.
---@param tenantId string
---@param name string
---@param description? string
---@return workflow_editor.Workflow
function M.createWorkflow(tenantId, name, description)
  check.tenant(tenantId, 'tenantId')
  check.text(name, 'name')
  description = check.type(description, 'string?', 'description')
  local record = db.workflow.create({
    data = json.encodeFields({
      tenantId = tenantId,
      name = name,
      description = description,
      nodes = { { id = 'trigger', type = 'trigger' } },
      edges = json.array({}),
      createdAt = time.now(),
    }, workflow.jsonFields),
  })
  return workflow.decode(record)
end

return M
