--- RunResult: what a run gave and printed, or why it failed.
local json = require('json')
local ui = require('ui')

local M = {}

---@class code_editor.RunResultProps
---@field outcome sandbox.Outcome

local function problem(fault)
  local place = fault.line and ('line %d: '):format(fault.line) or ''
  return ui.Alert({ severity = 'error', place .. fault.message })
end

--- Renders the outcome.
---@param props code_editor.RunResultProps
---@return ui.Node
function M.render(props)
  local outcome = props.outcome
  local output = outcome.output or ''
  return ui.Stack({
    outcome.error and problem(outcome.error),
    outcome.result ~= nil and ui.Code({
      language = 'json',
      json.encode(outcome.result, { pretty = true }),
    }),
    output ~= '' and ui.Code({ language = 'text', output }),
    ui.Text({ variant = 'caption', ('%.1f ms'):format(outcome.ms or 0) }),
  })
end

return M
