local check = require('check')
local list = require('list')
local notifications = require('notification_center')
local workflows = require('workflow_editor')

local trigger = { id = 't', type = 'trigger' }

local function node(id, type, config)
  return { id = id, type = type, config = config }
end

local function edge(source, target, branch)
  return { source = source, target = target, branch = branch }
end

local function execute(nodes, edges, input)
  local workflow = workflows.createWorkflow('acme', 'Run')
  workflows.updateWorkflow(workflow.id, list.concat({ trigger }, nodes), edges)
  workflows.enableWorkflow(workflow.id)
  return workflows.executeWorkflow(workflow.id, input)
end

local function visited(run)
  return list.pluck(run.trace, 'node')
end

describe('executeWorkflow', function()
  it('refuses a workflow that is switched off', function()
    local id = workflows.createWorkflow('acme', 'Off').id
    local ok, fault = pcall(workflows.executeWorkflow, id)
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'disabled')).toBe(true)
  end)

  it('gives its input back where there is only a trigger', function()
    local run = execute({}, {}, { a = 1 })
    expect(run).toMatchObject({ status = 'completed', output = { a = 1 }, steps = 1 })
    expect(run.ms).toBeGreaterThanOrEqual(0)
  end)

  it('makes a value of another, and writes every step down', function()
    local run = execute(
      { node('a', 'transform', { expression = 'input.n * 2' }) },
      { edge('t', 'a') },
      { n = 21 }
    )
    expect(run.output).toBe(42)
    expect(run.trace[2]).toMatchObject({
      node = 'a',
      type = 'transform',
      input = { n = 21 },
      output = 42,
    })
    expect(assert(run.trace[2]).ms).toBeGreaterThanOrEqual(0)
  end)

  it.each({ { 2, { 't', 'c', 'yes' } }, { 0, { 't', 'c', 'no' } } })(
    'goes by what a condition says of %d',
    function(input, nodes)
      local run = execute({
        node('c', 'condition', { expression = 'input > 1' }),
        node('yes', 'transform', { expression = "'yes'" }),
        node('no', 'transform', { expression = "'no'" }),
      }, { edge('t', 'c'), edge('c', 'yes', 'true'), edge('c', 'no', 'false') }, input)
      expect(visited(run)).toEqual(nodes)
      expect(run.output).toBe(nodes[3])
    end
  )

  it.each({ { 'a', 'isA' }, { 7, 'isSeven' }, { 'x', 'other' } })(
    'switches %s to %s',
    function(input, target)
      local run = execute({
        node('s', 'switch', { expression = 'input', cases = { 'a', 7 } }),
        node('isA', 'join'),
        node('isSeven', 'join'),
        node('other', 'join'),
      }, {
        edge('t', 's'),
        edge('s', 'isA', 'a'),
        edge('s', 'isSeven', '7'),
        edge('s', 'other', 'default'),
      }, input)
      expect(visited(run)[3]).toBe(target)
    end
  )

  it('goes over a list, and on with what came back', function()
    local run = execute({
      node('l', 'loop', { items = '$input.numbers' }),
      node('double', 'transform', { expression = 'item * 2 + index' }),
      node('sum', 'transform', { expression = 'input[1] + input[2] + input[3]' }),
    }, {
      edge('t', 'l'),
      edge('l', 'double', 'body'),
      edge('double', 'l'),
      edge('l', 'sum', 'done'),
    }, { numbers = { 1, 2, 3 } })
    expect(run.status).toBe('completed')
    expect(run.output).toBe(18)
    expect(run.steps).toBe(6)
  end)

  it('goes over an empty list, and over none with an error', function()
    local nodes, edges =
      { node('l', 'loop'), node('e', 'join') }, { edge('t', 'l'), edge('l', 'e', 'done') }
    expect(execute(nodes, edges, {}).output).toEqual({ {} })
    local run = execute(nodes, edges, 7)
    expect(run).toMatchObject({ status = 'failed', error = { node = 'l', code = 'no_list' } })
  end)

  it('goes loops within loops', function()
    local run = execute({
      node('outer', 'loop'),
      node('inner', 'loop'),
      node('one', 'transform', { expression = 'item + 1' }),
    }, {
      edge('t', 'outer'),
      edge('outer', 'inner', 'body'),
      edge('inner', 'one', 'body'),
      edge('inner', 'outer', 'done'),
    }, { { 1, 2 }, { 3 } })
    expect(run.output).toEqual({ { 2, 3 }, { 4 } })
  end)

  it('waits for all that lead to a join', function()
    local run = execute({
      node('a', 'transform', { expression = "'a'" }),
      node('b', 'transform', { expression = "'b'" }),
      node('b2', 'transform', { expression = "input .. '2'" }),
      node('j', 'join'),
      node('end', 'transform', { expression = "table.concat(input, '+')" }),
    }, {
      edge('t', 'a'),
      edge('t', 'b'),
      edge('b', 'b2'),
      edge('a', 'j'),
      edge('b2', 'j'),
      edge('j', 'end'),
    })
    expect(run.output).toBe('a+b2')
    expect(list.filter(visited(run), function(id)
      return id == 'j'
    end)).toHaveLength(1)
  end)

  it('goes on from a join that a branch not taken leads to', function()
    local run = execute({
      node('c', 'condition', { expression = 'true' }),
      node('a', 'transform', { expression = "'a'" }),
      node('b', 'transform', { expression = "'b'" }),
      node('j', 'join'),
    }, {
      edge('t', 'c'),
      edge('c', 'a', 'true'),
      edge('c', 'b', 'false'),
      edge('a', 'j'),
      edge('b', 'j'),
    })
    expect(run.output).toEqual({ 'a' })
  end)

  it('gives a list where several ways end', function()
    local run = execute({
      node('a', 'transform', { expression = '1' }),
      node('b', 'transform', { expression = '2' }),
    }, { edge('t', 'a'), edge('t', 'b') })
    expect(run.output).toEqual({ 1, 2 })
  end)

  it("calls a package's operation with what its arguments stand for", function()
    local run = execute({
      node('name', 'transform', { expression = 'input.name:upper()' }),
      node('send', 'action', {
        operation = 'notification_center.createNotification',
        args = { '$trigger.user', 'info', '$nodes.name', '$$5', { by = '$input' } },
      }),
    }, { edge('t', 'name'), edge('name', 'send') }, { user = 'ann', name = 'hello' })
    expect(run.status).toBe('completed')
    local sent = notifications.listNotifications('ann')
    expect(sent).toHaveLength(1)
    expect(sent[1]).toMatchObject({ title = 'HELLO', message = '$5', data = { by = 'HELLO' } })
    expect(run.output.id).toBe(assert(sent[1]).id)
  end)

  it.each({
    { 'notification_center.nothing', {}, 'unknown_operation' },
    { 'arcade_lobby.createGame', {}, 'unknown_operation' },
    { 'check.id', { '' }, 'unknown_operation' },
    { 'run.run', { {} }, 'unknown_operation' },
    { 'db.transaction', {}, 'unknown_operation' },
    { 'notification_center.createNotification', { 7 }, 'wrong_argument' },
    { 'notification_center.markAsRead', { 'nowhere' }, 'not_found' },
    { 'forum_forge.on_tenant', {}, 'unknown_operation' },
  })('names the node whose action %s fails', function(operation, args, code)
    local run = execute(
      { node('a', 'action', { operation = operation, args = args }) },
      { edge('t', 'a') }
    )
    expect(run).toMatchObject({ status = 'failed', error = { node = 'a', code = code } })
    expect(assert(assert(run.trace[2]).error).code).toBe(code)
  end)

  it.each({
    { 'input.x.y', 'attempt to index' },
    { 'nil + 1', 'attempt to perform arithmetic' },
    { 'error("mine")', 'mine' },
    { 'require("db")', 'db' },
    { 'os.exit()', 'os' },
    { '(', '' },
  })('names the node whose expression %s fails', function(expression, message)
    local run = execute(
      { node('x', 'transform', { expression = expression }) },
      { edge('t', 'x') },
      {}
    )
    expect(run.status).toBe('failed')
    expect(assert(run.error).node).toBe('x')
    expect(assert(run.error).message).toContain(message)
  end)

  it('ends with the error of a fail node', function()
    local run = execute(
      { node('f', 'fail', { message = 'no stock', code = 'stock' }) },
      { edge('t', 'f') }
    )
    expect(run).toMatchObject({
      status = 'failed',
      error = { node = 'f', code = 'stock', message = 'no stock' },
    })
  end)

  it('goes by `error` where an edge leads so', function()
    local run = execute({
      node('x', 'transform', { expression = 'nil + 1' }),
      node('saved', 'transform', { expression = 'input.node' }),
    }, { edge('t', 'x'), edge('x', 'saved', 'error') })
    expect(run).toMatchObject({ status = 'completed', output = 'x' })
  end)

  it('names the node inside of a loop', function()
    local run = execute({
      node('l', 'loop'),
      node('bad', 'transform', { expression = 'nil + 1' }),
    }, { edge('t', 'l'), edge('l', 'bad', 'body') }, { 1 })
    expect(assert(run.error).node).toBe('bad')
  end)

  it('waits', function()
    local run = execute({ node('d', 'delay', { ms = 20 }) }, { edge('t', 'd') }, 'x')
    expect(run.output).toBe('x')
    expect(assert(run.trace[2]).ms).toBeGreaterThanOrEqual(20)
  end)

  it('waits no longer than a run may take', function()
    local run = execute({ node('d', 'delay', { ms = 60000 }) }, { edge('t', 'd') })
    expect(run.error).toMatchObject({ node = 'd', code = 'limit' })
  end)

  it('ends after a thousand steps, whatever leads from its errors', function()
    local items = {}
    for number = 1, 2000 do
      items[number] = number
    end
    local run = execute({
      node('l', 'loop'),
      node('j', 'join'),
      node('saved', 'join'),
    }, { edge('t', 'l'), edge('l', 'j', 'body'), edge('l', 'saved', 'error') }, items)
    expect(assert(run.error).code).toBe('limit')
    expect(run.steps).toBe(1001)
  end)

  it('ends an expression that does not end', function()
    local run = execute({
      node('x', 'transform', { expression = '(function() while true do end end)()' }),
    }, { edge('t', 'x') })
    expect(run.status).toBe('failed')
    expect(assert(run.error).code).toContain('time')
  end)
end)
