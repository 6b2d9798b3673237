--- WorkflowTrace: what a run did, a row for each step.
local json = require('json')
local list = require('list')
local text = require('text')
local ui = require('ui')

local M = {}

local columns = { 'Node', 'Type', 'Input', 'Output', 'Way out', 'Time' }

local function shown(value)
  return value == nil and '' or text.truncate(json.encode(value), 80)
end

local function row(step, index)
  return {
    id = tostring(index),
    cells = {
      step.node,
      step.type,
      shown(step.input),
      step.error and step.error.message or shown(step.output),
      step.branch or '',
      ('%.1f ms'):format(step.ms),
    },
  }
end

---@class workflow_editor.WorkflowTraceProps
---@field run workflow_editor.Run

--- Renders how the run ended, and its steps.
---@param props workflow_editor.WorkflowTraceProps
---@return ui.Node
function M.render(props)
  local run = props.run
  local problem = run.error
  return ui.Stack({
    problem and ui.Alert({
      severity = 'error',
      (problem.node and problem.node .. ': ' or '') .. problem.message,
    }) or ui.Alert({ severity = 'success', 'Completed' }),
    ui.Table({ columns = columns, rows = list.map(run.trace or {}, row) }),
  })
end

return M
