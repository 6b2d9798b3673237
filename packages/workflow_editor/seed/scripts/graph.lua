--- What makes a graph whole: one trigger, known types, edges that lead somewhere, no way in circles
--- but through a loop, and nothing that is never reached.
local check = require('check')
local json = require('json')
local list = require('list')
local nodeTypes = require('node_types')

local M = {}

---@class workflow_editor.Fault What is wrong with a graph, and where.
---@field node? string the id of a node
---@field edge? integer the number of an edge, from 1
---@field message string

local mostNodes, mostEdges = 500, 2000

local function isObject(value)
  return type(value) == 'table' and rawlen(value) == 0
end

local function checkConfig(node, faults)
  local ok, problem = pcall(check.fields, node.config, 'config', nodeTypes.byName[node.type].config)
  if not ok then
    list.push(faults, { node = node.id, message = (tostring(problem):gsub('^.-:%d+: ', '')) })
  elseif node.type == 'switch' then
    for _, case in ipairs(node.config.cases) do
      if type(case) ~= 'string' and type(case) ~= 'number' then
        list.push(
          faults,
          { node = node.id, message = '`config.cases` must hold texts and numbers' }
        )
        return
      end
    end
  elseif node.type == 'action' and not node.config.operation:find('^[%w_%-]+%.[%w_]+$') then
    local message = '`config.operation` must be a name such as `package.operation`, found "%s"'
    list.push(faults, { node = node.id, message = message:format(node.config.operation) })
  end
end

local function checkNodes(nodes, faults)
  local byId, triggers = {}, 0
  for index, node in ipairs(nodes) do
    local id = isObject(node) and node.id
    if type(id) ~= 'string' or id == '' then
      list.push(faults, { message = ('node %d has no id'):format(index) })
    elseif byId[id] then
      list.push(faults, { node = id, message = ('two nodes have the id "%s"'):format(id) })
    elseif not nodeTypes.byName[node.type] then
      local names = table.concat(nodeTypes.names(), ', ')
      local message = 'unknown node type %s; there are: %s'
      list.push(faults, { node = id, message = message:format(check.describe(node.type), names) })
      byId[id] = node
    else
      byId[id] = node
      triggers = triggers + (node.type == 'trigger' and 1 or 0)
      checkConfig(node, faults)
    end
  end
  if triggers ~= 1 then
    list.push(faults, { message = ('a workflow has one trigger, found %d'):format(triggers) })
  end
  return byId
end

local function checkEdge(edge, index, byId, faults)
  local function fault(message, ...)
    list.push(
      faults,
      { edge = index, message = ('edge %d: '):format(index) .. message:format(...) }
    )
  end
  if not isObject(edge) then
    fault('expected a table with `source` and `target`')
    return false
  end
  local source, target = byId[edge.source], byId[edge.target]
  if not source then
    fault('it comes from %s, and there is no such node', check.describe(edge.source))
  end
  if not target then
    fault('it leads to %s, and there is no such node', check.describe(edge.target))
  elseif target.type == 'trigger' then
    fault('nothing leads to a trigger')
  end
  if source and list.contains(nodeTypes.names(), source.type) then
    local branches = nodeTypes.branches(source)
    if not branches[edge.branch or ''] then
      local names = list.map(list.keys(branches), function(name)
        return name == '' and 'none' or name
      end)
      fault(
        'a %s has no way out %s; there are: %s',
        source.type,
        edge.branch and check.describe(edge.branch) or 'without a `branch`',
        #names > 0 and table.concat(names, ', ') or 'none at all'
      )
    end
  end
  return source ~= nil and target ~= nil
end

local function outgoing(edges)
  return list.groupBy(edges, 'source')
end

-- A circle is let be where one of its nodes is a loop, which ends with its list.
local function findCircles(byId, out, faults)
  local state = {}
  local function visit(id)
    state[id] = 'open'
    for _, edge in ipairs(out[id] or {}) do
      local target = byId[edge.target]
      if target.type ~= 'loop' and state[edge.target] == 'open' then
        list.push(faults, {
          node = edge.target,
          message = ('the way from "%s" to "%s" closes a circle without a loop'):format(
            id,
            edge.target
          ),
        })
      elseif target.type ~= 'loop' and not state[edge.target] then
        visit(edge.target)
      end
    end
    state[id] = 'done'
  end
  for _, id in ipairs(list.keys(byId)) do
    if byId[id].type == 'loop' or not state[id] then
      visit(id)
    end
  end
end

local function findUnreached(byId, out, faults)
  local trigger = list.find(list.keys(byId), function(id)
    return byId[id].type == 'trigger'
  end)
  local reached, waiting = {}, { trigger }
  while #waiting > 0 do
    local id = table.remove(waiting)
    if not reached[id] then
      reached[id] = true
      for _, edge in ipairs(out[id] or {}) do
        waiting[#waiting + 1] = edge.target
      end
    end
  end
  for _, id in ipairs(trigger and list.keys(byId) or {}) do
    if not reached[id] then
      list.push(faults, { node = id, message = ('nothing leads to the node "%s"'):format(id) })
    end
  end
end

--- Returns everything that is wrong with a graph; an empty list where it is whole.
---@param nodes workflow_editor.Node[]
---@param edges workflow_editor.Edge[]
---@return workflow_editor.Fault[]
function M.faults(nodes, edges)
  local faults = json.array({})
  if #nodes > mostNodes or #edges > mostEdges then
    local message = 'a workflow has at most %d nodes and %d edges, found %d and %d'
    return list.push(faults, { message = message:format(mostNodes, mostEdges, #nodes, #edges) })
  end
  local byId = checkNodes(nodes, faults)
  local whole = {}
  for index, edge in ipairs(edges) do
    if checkEdge(edge, index, byId, faults) then
      whole[#whole + 1] = edge
    end
  end
  local out = outgoing(whole)
  findCircles(byId, out, faults)
  findUnreached(byId, out, faults)
  return faults
end

--- Raises `invalid_workflow` with everything that is wrong with a graph, in `faults`.
---@param nodes workflow_editor.Node[]
---@param edges workflow_editor.Edge[]
function M.demand(nodes, edges)
  local faults = M.faults(nodes, edges)
  if #faults > 0 then
    local lines = list.map(faults, function(fault)
      return fault.node and ('node "%s": %s'):format(fault.node, fault.message) or fault.message
    end)
    error(check.fault('invalid_workflow', table.concat(lines, '\n'), { faults = faults }))
  end
end

return M
