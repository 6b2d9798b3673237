--- Code in a box: what it gets, what it may, and what its caller is told.
local json = require('json')
local sandbox = require('sandbox')

local function run(code, options)
  local outcome = sandbox.run(code, options)
  expect(outcome.error and outcome.error.message).toBe(nil)
  return outcome
end

describe('sandbox.run', function()
  it('tells what the code returned and printed', function()
    local outcome = run("print('hello', 1) return { total = 6 * 7, list = { 1, 2 } }")
    expect(outcome.ok).toBe(true)
    expect(outcome.output).toBe('hello\t1\n')
    expect(outcome.result).toEqual({ total = 42, list = { 1, 2 } })
    expect(type(outcome.ms)).toBe('number')
  end)

  it('gives a list as the arguments', function()
    expect(run('local a, b = ... return a + b + #args', { args = { 1, 2 } }).result).toBe(5)
  end)

  it('gives the values of an object by their names', function()
    local args = { price = 3, item = { count = 2, tags = json.array({}) }, nothing = json.null }
    expect(run('return price * item.count * #item.tags + args.price', { args = args }).result).toBe(3)
    expect(run('return nothing == nil', { args = args }).result).toBe(true)
  end)

  it('names file and line of an error', function()
    local outcome = sandbox.run('\nlocal t = nil\nreturn t.x', { name = 'rule.lua' })
    expect(outcome.ok).toBe(false)
    expect(outcome.result).toBe(nil)
    expect(outcome.error).toEqual({
      message = "attempt to index a nil value (local 't')",
      code = 'lua',
      file = 'rule.lua',
      line = 3,
    })
  end)

  it('hands on the code of an error', function()
    expect(sandbox.run("error({ code = 'taken', message = 'no' })").error.code).toBe('taken')
  end)

  it('names the limit that ended it', function()
    expect(sandbox.run('while true do end', { timeoutMs = 50 }).error.limit).toBe('time')
    expect(sandbox.run("return ('x'):rep(2 ^ 26)", { memoryMb = 16 }).error.limit).toBe('memory')
    expect(sandbox.run("while true do print('x') end", { outputKb = 1 }).error.limit).toBe('output')
  end)

  it('keeps nothing from one run to the next', function()
    run('x = 1 string.x = 1')
    expect(run('return x == nil and string.x == nil').result).toBe(true)
  end)

  it('shows only the globals that are named', function()
    local options = { globals = { 'math.floor', 'pairs' }, args = { n = 1.5 } }
    expect(run('return math.floor(n)', options).result).toBe(1)
    expect(sandbox.run('return math.huge', options).result).toBe(nil)
    expect(sandbox.run('return string.format("x")', options).error.message).toContain("global 'string'")
    expect(sandbox.run('return 1', { globals = { 'io' } }).error.message).toContain('`io`')
    expect(run('return 1', { globals = {} }).result).toBe(1)
  end)

  it('gives the database only when it is granted', function()
    expect(sandbox.run("return require('db')").error.message).toContain('not granted')
    expect(run('return db.post.count()', { grant = 'read' }).result).toBe(0)
    local outcome = sandbox.run("db.writer.create({ data = { email = 'a' } })", { grant = 'read' })
    expect(outcome.error.code).toBe('not_granted')
    run("db.writer.create({ data = { email = 'a' } })", { grant = 'write' })
    expect(sandbox.run('return db.queryRaw("SELECT 1")', { grant = 'write' }).ok).toBe(false)
  end)

  it('has nothing that reaches the machine', function()
    expect(run('return io == nil and os == nil and debug == nil and package == nil and dofile == nil').result).toBe(true)
    expect(sandbox.run("require('sandbox')").ok).toBe(false)
  end)

  it('refuses wrong arguments at the line of its caller', function()
    expect(function()
      sandbox.run(1)
    end).toThrow('expected code as a string')
    expect(function()
      sandbox.run('return 1', { timeout = 1 })
    end).toThrow('unknown option `timeout`')
    expect(function()
      sandbox.run('return 1', { timeoutMs = -1 })
    end).toThrow('positive')
    expect(function()
      sandbox.run('return 1', { grant = 'all' })
    end).toThrow("'none', 'read' or 'write'")
    expect(function()
      sandbox.run('return 1', { args = { print } })
    end).toThrow('function')
  end)
end)

describe('sandbox.eval', function()
  it('computes an expression', function()
    expect(sandbox.eval('item.price * 2', { args = { item = { price = 4 } } }).result).toBe(8)
    expect(sandbox.eval('nil').ok).toBe(true)
    expect(sandbox.eval('1 +').error.code).toBe('syntax')
  end)
end)

describe('sandbox.compile', function()
  it('finds nothing in code that is right, and runs none of it', function()
    expect(sandbox.compile('while true do end')).toEqual({})
  end)

  it('names line and column of what is wrong', function()
    expect(sandbox.compile('local x = 1\nlocal y = = 2')).toEqual({
      { message = "unexpected symbol near '='", line = 2, column = 11 },
    })
    expect(sandbox.compile('if x then')[1].message).toContain("'end' expected")
    expect(sandbox.compile('if x then')[1].column).toBe(10)
    expect(sandbox.compile('\27Lua')[1].message).toContain('binary')
  end)
end)
