--- WorkflowList: a tenant's workflows.
local ctx = require('ctx')
local list = require('list')
local queries = require('db.queries') --[[@as workflow_editor.db.queries]]
local text = require('text')
local ui = require('ui')

local M = {}

---@class workflow_editor.WorkflowListProps
---@field tenantId? string the caller's, if left out
---@field enabledOnly? boolean

local function item(workflow)
  local operation = workflow.enabled and 'disableWorkflow' or 'enableWorkflow'
  return ui.ListItem({
    key = workflow.id,
    ui.Stack({
      ui.Text({ weight = 'bold', workflow.name }),
      workflow.description and ui.Text(workflow.description),
      ui.Text({ variant = 'caption', text.plural(#workflow.nodes, 'node') }),
    }),
    ui.Switch({
      label = 'Enabled',
      checked = workflow.enabled,
      onChange = ui.action('workflow_editor.' .. operation, workflow.id),
    }),
  })
end

--- Renders the page from `listWorkflows`.
---@param props workflow_editor.WorkflowListProps
---@return ui.Node
function M.render(props)
  local workflows = queries.listWorkflows(props.tenantId or ctx.tenant, props.enabledOnly)
  return ui.Container({
    ui.Flex({
      justify = 'between',
      ui.Heading({ level = 1, 'Workflows' }),
      ui.Badge(text.plural(#workflows, 'workflow')),
    }),
    #workflows == 0 and ui.Alert({ severity = 'info', 'No workflows' })
      or ui.List({ list.map(workflows, item) }),
  })
end

return M
