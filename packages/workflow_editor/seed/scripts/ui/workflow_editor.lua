--- WorkflowEditor: one workflow: its nodes, its edges, and a button that runs it.
local list = require('list')
local read = require('db.read') --[[@as workflow_editor.db.read]]
local text = require('text')
local ui = require('ui')
local workflowNode = require('ui.workflow_node')

local M = {}

---@class workflow_editor.WorkflowEditorProps
---@field workflowId string

--- Renders the page from `getWorkflow`.
---@param props workflow_editor.WorkflowEditorProps
---@return ui.Node
function M.render(props)
  local workflow = read.getWorkflow(props.workflowId)
  if not workflow then
    return ui.Alert({ severity = 'error', 'There is no such workflow' })
  end
  local out = list.groupBy(workflow.edges, 'source')
  return ui.Container({
    ui.Flex({
      justify = 'between',
      ui.Heading({ level = 1, workflow.name }),
      ui.Badge('version ' .. workflow.version),
    }),
    workflow.description and ui.Text(workflow.description),
    ui.Button({
      disabled = not workflow.enabled,
      onClick = ui.action('workflow_editor.executeWorkflow', workflow.id),
      'Run',
    }),
    ui.Text({ variant = 'caption', text.plural(#workflow.nodes, 'node') }),
    ui.Grid({
      list.map(workflow.nodes, function(node)
        return workflowNode.render({ node = node, edges = out[node.id] })
      end),
    }),
  })
end

return M
