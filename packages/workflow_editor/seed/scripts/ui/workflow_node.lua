--- WorkflowNode: one node, and where it leads.
local json = require('json')
local list = require('list')
local ui = require('ui')

local M = {}

local icons = {
  trigger = 'play_arrow',
  action = 'bolt',
  condition = 'call_split',
  switch = 'alt_route',
  transform = 'functions',
  loop = 'loop',
  delay = 'schedule',
  join = 'merge',
  fail = 'error',
}

---@class workflow_editor.WorkflowNodeProps
---@field node workflow_editor.Node
---@field edges? workflow_editor.Edge[] those that leave it

--- Renders the node.
---@param props workflow_editor.WorkflowNodeProps
---@return ui.Node
function M.render(props)
  local node = props.node
  return ui.Card({
    key = node.id,
    ui.Flex({
      ui.Icon({ name = icons[node.type] or 'help' }),
      ui.Heading({ level = 3, node.name or node.id }),
      ui.Chip(node.type),
    }),
    node.config and ui.Code({ language = 'json', json.encode(node.config, { pretty = true }) }),
    list.map(props.edges or {}, function(edge)
      local branch = edge.branch and edge.branch .. ': ' or ''
      return ui.Text({ variant = 'caption', branch .. (edge.target or '?') })
    end),
  })
end

return M
