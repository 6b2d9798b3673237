--- Reading one thing.
local check = require('check')
local sandbox = require('sandbox')
local script = require('script')
local text = require('text')

---@class code_editor.db.read
local M = {}

--- Returns a script; nil where there is none.
---@param scriptId string
---@return code_editor.Script?
function M.getScript(scriptId)
  check.id(scriptId, 'scriptId')
  local record = script.find(scriptId)
  return record and script.decode(record)
end

---@class code_editor.Validation
---@field valid boolean
---@field problems sandbox.Problem[] what is wrong, with line and column

--- Compiles a code and tells what is wrong with it; nothing of it runs.
---@param code string
---@return code_editor.Validation
function M.validateScript(code)
  check.string(code, 'code')
  local problems = sandbox.compile(code)
  for _, problem in ipairs(problems) do
    -- Lua names no token for some faults, such as a `goto` without its label: then the line begins there.
    local line = text.lines(code)[problem.line or 0] or ''
    problem.column = problem.column or #line:match('^%s*') + 1
  end
  return { valid = #problems == 0, problems = problems }
end

return M
