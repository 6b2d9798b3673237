--- Running a graph: tokens go along the edges, each with a value, and every step is written down.
local check = require('check')
local json = require('json')
local list = require('list')
local sandbox = require('sandbox')
local time = require('time')
local values = require('values')

local M = {}

---@class workflow_editor.Step
---@field node string
---@field type string
---@field input any
---@field output any
---@field branch? string the way out that was taken
---@field error? { code: string, message: string }
---@field ms number how long it took

---@class workflow_editor.RunError
---@field node? string where it happened
---@field code string
---@field message string

---@class workflow_editor.Run
---@field status 'completed'|'failed'
---@field output any what the last node gave; a list, where several ways ended
---@field error? workflow_editor.RunError
---@field trace workflow_editor.Step[]
---@field steps integer
---@field ms number

local mostSteps = 1000
local mostMs = 10000
local expressionMs = 1000

-- A limit ends the run whatever the graph says of errors.
local function limit(message, ...)
  error(check.fault('limit', message:format(...), { ends = true }))
end

-- Says what went wrong, and in which node: inside of a loop that is not the loop itself.
local function faultOf(problem, node)
  local known = check.isFault(problem)
  return {
    node = known and type(problem) == 'table' and rawget(problem, 'node') or node.id,
    code = known and problem.code or 'error',
    message = known and problem.message or (tostring(problem):gsub('^[^\n]-:%d+: ', '')),
    ends = known and type(problem) == 'table' and rawget(problem, 'ends') or nil,
  }
end

local function evaluate(run, node, expression, scope)
  local left = mostMs - (time.clock() - run.began)
  if left <= 0 then
    limit('the run took longer than %d ms', mostMs)
  end
  local outcome = sandbox.eval(expression, {
    args = scope,
    timeoutMs = math.min(left, expressionMs),
    name = node.id,
  })
  local problem = outcome.error
  if problem then
    error(check.fault(problem.code, problem.message))
  end
  return outcome.result
end

-- What an action may call: the packages that this one depends on.
local callable = {}
for _, dependency in ipairs(json.load('metadata.json').dependencies) do
  callable[dependency:match('^[^@]*')] = true
end

local lifecycle = { init = true, main = true }

local function operationOf(name)
  local package, operation = name:match('^([^%.]+)%.(.+)$')
  if not callable[package] then
    local message = 'a workflow cannot call `%s`: its package is no dependency of workflow_editor'
    error(check.fault('unknown_operation', message:format(name)))
  end
  local found = not lifecycle[operation] and not operation:find('^_') and not operation:find('^on_')
  local body = found and require(package)[operation]
  if type(body) ~= 'function' then
    error(check.fault('unknown_operation', ('there is no operation `%s`'):format(name)))
  end
  return body
end

-- What each type does with what came to it: returns what it gives, and the way out.
local works = {}

function works.trigger(_, _, input)
  return input
end

function works.action(_, node, _, scope)
  local args = json.array({})
  local given = node.config.args or {}
  for index, value in ipairs(given) do
    args[index] = values.resolve(value, scope)
  end
  return (operationOf(node.config.operation)(table.unpack(args, 1, #given)))
end

function works.condition(run, node, input, scope)
  return input, evaluate(run, node, node.config.expression, scope) and 'true' or 'false'
end

function works.switch(run, node, input, scope)
  local value = tostring(evaluate(run, node, node.config.expression, scope))
  for _, case in ipairs(node.config.cases) do
    if tostring(case) == value then
      return input, value
    end
  end
  return input, 'default'
end

function works.transform(run, node, _, scope)
  return evaluate(run, node, node.config.expression, scope)
end

function works.delay(run, node, input)
  local left = mostMs - (time.clock() - run.began)
  if node.config.ms > left then
    limit('it would wait %d ms, and the run may take %d ms', node.config.ms, mostMs)
  end
  time.sleep(node.config.ms)
  return input
end

function works.join(_, _, input)
  return input
end

function works.fail(_, node)
  error(check.fault(node.config.code or 'failed', node.config.message))
end

---@type fun(run: any, edges: any, branch: string, value: any, around: any, home?: string): any, any
local walk

function works.loop(run, node, input, scope)
  local items = node.config.items == nil and input or values.resolve(node.config.items, scope)
  if type(items) ~= 'table' or next(items) ~= nil and #items == 0 then
    error(check.fault('no_list', 'a loop goes over a list, found ' .. check.describe(items)))
  end
  local results = json.array({})
  for index, item in ipairs(items) do
    local around = { item = item, index = index }
    local ended, back = walk(run, run.out[node.id], 'body', item, around, node.id)
    -- What came back to the loop goes before what merely ended.
    results[index] = #back > 0 and back[#back] or ended[#ended]
    if results[index] == nil then
      results[index] = json.null
    end
  end
  return results, 'done'
end

local function work(run, node, input, scope)
  if run.steps > mostSteps then
    limit('the run took more than %d steps', mostSteps)
  elseif time.clock() - run.began > mostMs then
    limit('the run took longer than %d ms', mostMs)
  end
  return works[node.type](run, node, input, scope)
end

-- Runs one node: writes it down, and returns what it gives and the way out.
local function step(run, node, input, around)
  run.steps = run.steps + 1
  local scope = {
    input = input,
    trigger = run.input,
    nodes = run.outputs,
    item = around.item,
    index = around.index,
  }
  ---@type any
  local record = { node = node.id, type = node.type, input = input }
  list.push(run.trace, record)
  local began = time.clock()
  ---@type boolean, any, any
  local ok, output, branch = pcall(work, run, node, input, scope)
  record.ms = time.clock() - began
  if ok then
    record.output, record.branch = output, branch
    run.outputs[node.id] = output
    return output, branch or ''
  end
  local fault = faultOf(output, node)
  record.error = { code = fault.code, message = fault.message }
  local caught = list.any(run.out[node.id] or {}, function(edge)
    return edge.branch == 'error'
  end)
  if fault.ends or not caught then
    error(fault, 0)
  end
  record.branch = 'error'
  return { node = fault.node, code = fault.code, message = fault.message }, 'error'
end

-- Puts a value on each edge of a way out.
---@return boolean
local function send(queue, edges, branch, value)
  local sent = false
  for _, edge in ipairs(edges or {}) do
    if (edge.branch or '') == branch then
      queue[#queue + 1] = { target = edge.target, value = value }
      sent = true
    end
  end
  return sent
end

-- A join goes on when every edge to it has brought something, or when nothing else is under way.
local function joined(run, waiting, force)
  for _, id in ipairs(list.keys(waiting)) do
    if #waiting[id] >= run.incoming[id] or force then
      local brought = waiting[id]
      waiting[id] = nil
      return id, brought
    end
  end
end

--- Goes along the edges of a way out, until nothing is under way. Returns what the nodes gave that
--- nothing follows, and what came back to the node `home`.
function walk(run, edges, branch, value, around, home)
  local queue, first, waiting = {}, 1, {}
  local ended, back = json.array({}), json.array({})
  send(queue, edges, branch, value)
  while true do
    local token = queue[first]
    first = first + 1
    if not token then
      local id, brought = joined(run, waiting, true)
      if not id then
        return ended, back
      end
      token = { target = id, value = brought, whole = true }
      first = first - 1
    end
    local node = run.byId[token.target]
    if node.id == home then
      list.push(back, token.value)
    elseif node.type == 'join' and not token.whole then
      waiting[node.id] = list.push(waiting[node.id] or json.array({}), token.value)
      local id, brought = joined(run, waiting, false)
      if id then
        queue[#queue + 1] = { target = id, value = brought, whole = true }
      end
    else
      local output, out = step(run, node, token.value, around)
      if not send(queue, run.out[node.id], out, output) then
        list.push(ended, output == nil and json.null or output)
      end
    end
  end
end

--- Runs a graph that is whole.
---@param workflow workflow_editor.Workflow
---@param input any
---@return workflow_editor.Run
function M.run(workflow, input)
  local run = {
    byId = list.keyBy(workflow.nodes, 'id'),
    out = list.groupBy(workflow.edges, 'source'),
    incoming = {},
    outputs = {},
    trace = json.array({}),
    input = input,
    steps = 0,
    began = time.clock(),
  }
  for _, node in ipairs(workflow.nodes) do
    node.config = node.config or {}
  end
  for _, edge in ipairs(workflow.edges) do
    run.incoming[edge.target] = (run.incoming[edge.target] or 0) + 1
  end
  local trigger = assert(list.find(workflow.nodes, function(node)
    return node.type == 'trigger'
  end))

  local ok, ended = pcall(function()
    local output = step(run, trigger, input, {})
    local ends = walk(run, run.out[trigger.id], '', output, {})
    return #ends == 0 and list.push(ends, output == nil and json.null or output) or ends
  end)
  local result = { trace = run.trace, steps = run.steps, ms = time.clock() - run.began }
  if ok then
    result.status = 'completed'
    result.output = #ended == 1 and ended[1] or ended
  elseif type(ended) == 'table' and ended.node then
    result.status = 'failed'
    result.error = { node = ended.node, code = ended.code, message = ended.message }
  else
    error(ended, 0)
  end
  return result
end

return M
