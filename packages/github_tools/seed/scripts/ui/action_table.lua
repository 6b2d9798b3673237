--- ActionTable: workflow runs, a row each.
local list = require('list')
local time = require('time')
local ui = require('ui')

local M = {}

local columns = { 'Run', 'Workflow', 'State', 'By', 'Started' }

---@class github_tools.ActionTableProps
---@field actions GitHubAction[]

local function row(action)
  return {
    id = action.id,
    href = action.url,
    cells = {
      '#' .. action.runNumber,
      action.workflowName,
      action.conclusion or action.status,
      action.triggeredBy or 'nobody',
      action.startedAt and time.iso(action.startedAt) or '',
    },
  }
end

--- Renders the table, or a line that says that there are no runs yet.
---@param props github_tools.ActionTableProps
---@return ui.Node
function M.render(props)
  local actions = props.actions or {}
  if #actions == 0 then
    return ui.Alert({ severity = 'info', 'No runs yet' })
  end
  return ui.Table({ columns = columns, rows = list.map(actions, row) })
end

return M
