--- ProblemList: what is wrong with a code, with line and column.
local list = require('list')
local ui = require('ui')

local M = {}

---@class code_editor.ProblemListProps
---@field problems sandbox.Problem[]

--- Renders the problems, or a line that says that there are none.
---@param props code_editor.ProblemListProps
---@return ui.Node
function M.render(props)
  local problems = props.problems or {}
  if #problems == 0 then
    return ui.Alert({ severity = 'success', 'The code compiles' })
  end
  return ui.Stack({
    list.map(problems, function(problem)
      local place = problem.line and ('%d:%d: '):format(problem.line, problem.column or 1) or ''
      return ui.Alert({ severity = 'error', place .. problem.message })
    end),
  })
end

return M
