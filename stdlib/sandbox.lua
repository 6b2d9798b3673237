--- Code that somebody typed: run in a box of its own, out of which nothing leads.
---
---     local sandbox = require('sandbox')
---     local outcome = sandbox.run('return args.price * args.count', { args = { price = 3, count = 2 } })
---     if outcome.ok then print(outcome.result) else print(outcome.error.line, outcome.error.message) end
---
--- The code gets a fresh Lua state, in a process of its own where the host has one: Lua's `coroutine`, `math`, `string`, `table`,
--- `utf8`, what of the base library stays inside, the modules `check`, `id`, `json`, `list`, `text` and `time`, and what `args` gives it.
--- Only for packages with the capability `sandbox`.
local native = ...

---@class sandbox
local M = {}

---@class sandbox.Options
---@field args? table a list is the code's `...`; the values of an object are globals by their names; either is the global `args`
---@field globals? string[] the only globals that it sees besides its `args`, such as `{ 'math', 'string.format', 'print' }`; all if left out
---@field timeoutMs? number how long it may run, 5000 if left out; never longer than the call that runs it
---@field memoryMb? number how much memory it may use, 64 if left out
---@field outputKb? number how much it may print, 1024 if left out
---@field grant? 'none'|'read'|'write' what it may do with the database, as `db`; `none` if left out
---@field name? string what messages call it, `script` if left out

---@class sandbox.Error
---@field message string what happened, without the place
---@field code string the `code` of the error that it raised or of `db`, else `syntax`, `lua`, `time_limit`, `memory_limit`, ...
---@field limit? 'time'|'memory'|'output' the limit that ended it
---@field file? string
---@field line? integer

---@class sandbox.Outcome
---@field ok boolean
---@field result? any what it returned, as JSON would hand it on; nothing for nil
---@field output string what it printed
---@field error? sandbox.Error
---@field ms number how long it ran

---@class sandbox.Problem
---@field message string
---@field line? integer
---@field column? integer in characters, from 1

-- Each option with its type and what it is if left out.
local known = {
  args = { 'table' },
  globals = { 'table' },
  timeoutMs = { 'number', 5000 },
  memoryMb = { 'number', 64 },
  outputKb = { 'number', 1024 },
  grant = { 'string', 'none' },
  name = { 'string', 'script' },
}

local mostMemoryMb = 4096

local function fail(message, ...)
  error(('sandbox: ' .. message):format(...), 4)
end

local function checkCode(code)
  if not native.run then
    fail(
      'it is only there for a package with the capability `sandbox`; add it to `capabilities` in metadata.json'
    )
  elseif type(code) ~= 'string' then
    fail('expected code as a string, found a value of type %s', type(code))
  end
end

local function complete(options, expression)
  local whole = { expression = expression }
  if options ~= nil and type(options) ~= 'table' then
    fail('expected a table of options, found a value of type %s', type(options))
  end
  for key, value in next, options or {} do
    if not known[key] then
      fail(
        'unknown option `%s`; there are args, globals, grant, memoryMb, name, outputKb and timeoutMs',
        tostring(key)
      )
    elseif type(value) ~= known[key][1] then
      fail('option `%s` must be a %s, found a value of type %s', key, known[key][1], type(value))
    elseif type(value) == 'number' and not (value > 0 and value <= 2 ^ 31) then
      fail('option `%s` must be a positive number, found %s', key, tostring(value))
    end
    whole[key] = value
  end
  for key, option in next, known do
    if whole[key] == nil then
      whole[key] = option[2]
    end
  end
  if whole.memoryMb > mostMemoryMb then
    fail('option `memoryMb` must be at most %d, found %s', mostMemoryMb, tostring(whole.memoryMb))
  end
  if whole.grant ~= 'none' and whole.grant ~= 'read' and whole.grant ~= 'write' then
    fail("option `grant` must be 'none', 'read' or 'write', found '%s'", whole.grant)
  end
  if whole.globals then
    -- A list without names is one, too.
    whole.globals = native.array(table.move(whole.globals, 1, #whole.globals, 1, {}))
  end
  return whole
end

local function run(code, options, expression)
  checkCode(code)
  local ok, outcome, output = native.run(code, complete(options, expression))
  if not ok then
    fail('%s', outcome or 'there is no time left to run code')
  end
  outcome.output = output
  return outcome
end

--- Compiles code and runs none of it. Returns a list of what is wrong with it, with line and column: an empty one when it is right.
---@param code string
---@return sandbox.Problem[]
function M.compile(code)
  checkCode(code)
  local message, line, column = native.compile(code, 'script')
  local problems = native.array({})
  if message then
    problems[1] = { message = message, line = line, column = column }
  end
  return problems
end

--- Runs code and tells what became of it. It raises for wrong arguments alone, never for what the code does.
---@param code string
---@param options? sandbox.Options
---@return sandbox.Outcome
function M.run(code, options)
  return run(code, options, false)
end

--- Computes an expression: `sandbox.eval('item.price * 2', { args = { item = item } })`. Otherwise it is `run`.
---@param expression string
---@param options? sandbox.Options
---@return sandbox.Outcome
function M.eval(expression, options)
  return run(expression, options, true)
end

return M
