local check = require('check')
local list = require('list')
local workflows = require('workflow_editor')

local trigger = { id = 't', type = 'trigger' }

local function pass(id)
  return { id = id, type = 'join' }
end

local function edge(source, target, branch)
  return { source = source, target = target, branch = branch }
end

local function messages(nodes, edges)
  return table.concat(list.pluck(workflows.validateWorkflow(nodes, edges), 'message'), '\n')
end

describe('validateWorkflow', function()
  it('finds nothing wrong with a graph that is whole', function()
    local nodes = {
      trigger,
      { id = 'c', type = 'condition', config = { expression = 'input > 1' } },
      { id = 's', type = 'switch', config = { expression = 'input', cases = { 'a', 7 } } },
      { id = 'l', type = 'loop' },
      { id = 'b', type = 'transform', config = { expression = 'item * 2' } },
      { id = 'd', type = 'delay', config = { ms = 0 } },
      { id = 'f', type = 'fail', config = { message = 'no' } },
      pass('j'),
    }
    local edges = {
      edge('t', 'c'),
      edge('c', 's', 'true'),
      edge('c', 'f', 'false'),
      edge('s', 'l', 'a'),
      edge('s', 'd', '7'),
      edge('s', 'f', 'default'),
      edge('l', 'b', 'body'),
      edge('b', 'l'),
      edge('b', 'f', 'error'),
      edge('l', 'j', 'done'),
      edge('d', 'j'),
    }
    expect(workflows.validateWorkflow(nodes, edges)).toEqual({})
  end)

  it.each({
    { 'one trigger, found 0', {}, {} },
    { 'one trigger, found 2', { trigger, { id = 'u', type = 'trigger' } }, {} },
    {
      'unknown node type the string "magic"',
      { trigger, { id = 'm', type = 'magic' } },
      { { 't', 'm' } },
    },
    { 'unknown node type nothing', { trigger, { id = 'm' } }, { { 't', 'm' } } },
    { 'node 2 has no id', { trigger, { type = 'join' } }, {} },
    { 'node 2 has no id', { trigger, { id = '', type = 'join' } }, {} },
    { 'node 2 has no id', { trigger, 'text' }, {} },
    { 'two nodes have the id "t"', { trigger, { id = 't', type = 'join' } }, {} },
    { 'leads to the string "x", and there is no such node', { trigger }, { { 't', 'x' } } },
    { 'comes from the string "x"', { trigger, pass('a') }, { { 'x', 'a' }, { 't', 'a' } } },
    { 'leads to nothing', { trigger }, { { 't' } } },
    { 'nothing leads to a trigger', { trigger, pass('a') }, { { 't', 'a' }, { 'a', 't' } } },
    {
      'closes a circle',
      { trigger, pass('a'), pass('b') },
      { { 't', 'a' }, { 'a', 'b' }, { 'b', 'a' } },
    },
    { 'closes a circle', { trigger, pass('a') }, { { 't', 'a' }, { 'a', 'a' } } },
    { 'nothing leads to the node "a"', { trigger, pass('a') }, {} },
    { 'nothing leads to the node "b"', { trigger, pass('a'), pass('b') }, { { 't', 'a' } } },
    {
      'a join has no way out the string "yes"',
      { trigger, pass('a') },
      { { 't', 'a' }, { 'a', 'a', 'yes' } },
    },
    {
      'a condition has no way out without a `branch`',
      {
        trigger,
        { id = 'c', type = 'condition', config = { expression = 'true' } },
        pass('a'),
      },
      { { 't', 'c' }, { 'c', 'a' } },
    },
    {
      'a fail has no way out',
      {
        trigger,
        { id = 'f', type = 'fail', config = { message = 'x' } },
        pass('a'),
      },
      { { 't', 'f' }, { 'f', 'a' } },
    },
    { 'config.expression', { trigger, { id = 'c', type = 'transform' } }, { { 't', 'c' } } },
    {
      'no field `speed`',
      { trigger, { id = 'd', type = 'delay', config = { ms = 1, speed = 2 } } },
      { { 't', 'd' } },
    },
    {
      'config.ms',
      { trigger, { id = 'd', type = 'delay', config = { ms = -1 } } },
      { { 't', 'd' } },
    },
    {
      'package.operation',
      { trigger, { id = 'a', type = 'action', config = { operation = 'x' } } },
      { { 't', 'a' } },
    },
  })('finds "%s"', function(message, nodes, pairs)
    local edges = list.map(pairs, function(pair)
      return edge(pair[1], pair[2], pair[3])
    end)
    expect(messages(nodes, edges)).toContain(message)
  end)

  it('names every fault at once, each with its node', function()
    local faults = workflows.validateWorkflow({
      { id = 'a', type = 'magic' },
      { id = 'd', type = 'delay' },
    }, { edge('a', 'x'), edge('y', 'd') })
    expect(#faults).toBeGreaterThanOrEqual(5)
    expect(list.pluck(faults, 'node')).toContain('a')
    expect(list.pluck(faults, 'node')).toContain('d')
  end)

  it('survives a long way, and refuses what is enormous', function()
    local nodes, edges = { trigger }, { edge('t', 'n1') }
    for number = 1, 400 do
      nodes[#nodes + 1] = pass('n' .. number)
      edges[#edges + 1] = edge('n' .. number, 'n' .. (number + 1))
    end
    edges[#edges] = nil
    expect(workflows.validateWorkflow(nodes, edges)).toEqual({})
    for number = 1, 200 do
      nodes[#nodes + 1] = pass('m' .. number)
    end
    expect(messages(nodes, edges)).toContain('at most 500 nodes')
  end)
end)

describe('updateWorkflow', function()
  ---@type workflow_editor.Workflow
  local workflow

  before_each(function()
    workflow = workflows.createWorkflow('acme', 'Welcome')
  end)

  it('stores a graph, and counts its versions', function()
    local nodes, edges = { trigger, pass('a') }, { edge('t', 'a') }
    local changed = workflows.updateWorkflow(workflow.id, nodes, edges)
    expect(changed.version).toBe(2)
    expect(changed.nodes).toEqual(nodes)
    expect(assert(workflows.getWorkflow(workflow.id)).edges).toEqual(edges)
    expect(workflows.updateWorkflow(workflow.id, { trigger }, {}).version).toBe(3)
    expect(assert(workflows.getWorkflow(workflow.id)).edges).toEqual({})
  end)

  it('refuses what is not whole, and keeps what was there', function()
    ---@type boolean, any
    local ok, fault = pcall(workflows.updateWorkflow, workflow.id, {}, {})
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'invalid_workflow')).toBe(true)
    expect(fault.faults).toHaveLength(1)
    expect(workflows.getWorkflow(workflow.id)).toEqual(workflow)
  end)

  it.each({ { 'workflowId', '', {}, {} }, { 'nodes', 'w', 7, {} }, { 'edges', 'w', {}, nil } })(
    'refuses a wrong %s',
    function(name, id, nodes, edges)
      expect(function()
        workflows.updateWorkflow(id, nodes, edges)
      end).toThrow(name)
    end
  )
end)

describe('a workflow', function()
  it('begins with a trigger, switched off', function()
    local workflow = workflows.createWorkflow('acme', 'Welcome', 'Greets.')
    expect(workflow).toMatchObject({
      name = 'Welcome',
      description = 'Greets.',
      enabled = false,
      version = 1,
    })
    expect(workflow.nodes).toEqual({ { id = 'trigger', type = 'trigger' } })
  end)

  it('is switched on and off', function()
    local id = workflows.createWorkflow('acme', 'Welcome').id
    expect(workflows.enableWorkflow(id).enabled).toBe(true)
    expect(workflows.listWorkflows('acme', true)).toHaveLength(1)
    expect(workflows.disableWorkflow(id).enabled).toBe(false)
    expect(workflows.listWorkflows('acme', true)).toEqual({})
    expect(workflows.listWorkflows('acme')).toHaveLength(1)
    expect(workflows.listWorkflows('globex')).toEqual({})
  end)

  it('is deleted', function()
    local id = workflows.createWorkflow('acme', 'Welcome').id
    expect(workflows.deleteWorkflow(id).id).toBe(id)
    expect(workflows.getWorkflow(id)).toBeNil()
  end)

  it.each({ { 'tenantId', '', 'x' }, { 'name', 'acme', ' ' }, { 'name', 'acme', nil } })(
    'refuses a wrong %s',
    function(name, tenantId, title)
      expect(function()
        workflows.createWorkflow(tenantId, title)
      end).toThrow(name)
    end
  )

  it.each({
    { 'enableWorkflow' },
    { 'disableWorkflow' },
    { 'deleteWorkflow' },
    { 'executeWorkflow' },
  })('that is not there is refused by %s', function(operation)
    local ok, fault = pcall(workflows[operation], 'nowhere')
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'not_found')).toBe(true)
  end)
end)

describe('getWorkflow', function()
  it.each({ { '' }, { 7 }, { { 'a' } } })('refuses %s for an id', function(workflowId)
    expect(function()
      workflows.getWorkflow(workflowId)
    end).toThrow('`workflowId` must be ')
  end)
end)

describe('validateWorkflow', function()
  it.each({
    { 'nodes', nil, {} },
    { 'nodes', 'a', {} },
    { 'edges', {}, 7 },
    { 'edges', {}, { a = 1 } },
  })('takes only lists for its %s', function(name, nodes, edges)
    expect(function()
      workflows.validateWorkflow(nodes, edges)
    end).toThrow('`' .. name .. '` must be a list')
  end)
end)
