local check = require('check')
local db = require('db')
local editor = require('code_editor')

local function run(code, args, parameters, settings)
  local script = editor.createScript('x', code, parameters)
  if settings then
    editor.configureScript(script.id, settings)
  end
  return editor.executeScript(script.id, args)
end

local sum = { { name = 'a', type = 'number' }, { name = 'b', type = 'integer?' } }

describe('executeScript', function()
  it('gives the result, what was printed, and how long it took', function()
    local outcome = run("print('hello', 1) return { n = 1, list = { 1, 2 } }")
    expect(outcome.ok).toBe(true)
    expect(outcome.result).toEqual({ n = 1, list = { 1, 2 } })
    expect(outcome.output).toBe('hello\t1\n')
    expect(outcome.ms).toBeGreaterThanOrEqual(0)
  end)

  it.each({ { { 1, 2 }, 3 }, { { a = 1, b = 2 }, 3 }, { { a = 1.5 }, 1.5 }, { { 4 }, 4 } })(
    'takes %s as its parameters',
    function(args, result)
      expect(run('return a + (b or 0)', args, sum).result).toBe(result)
    end
  )

  it.each({
    { 'args.a', {} },
    { 'args.a', { a = 'x' } },
    { 'args.b', { a = 1, b = 1.5 } },
    { 'c', { a = 1, c = 2 } },
    { '2 arguments, found 3', { 1, 2, 3 } },
  })('refuses arguments where %s is wrong', function(name, args)
    local ok, fault = pcall(run, 'return a', args, sum)
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'invalid_arguments')).toBe(true)
    expect(tostring(fault)).toContain(name)
  end)

  it('says on which line the script failed', function()
    local outcome = run('local x = 1\nerror("mine")')
    expect(outcome.ok).toBe(false)
    expect(assert(outcome.error).line).toBe(2)
    expect(assert(outcome.error).message).toContain('mine')
  end)

  it('says on which line it does not compile', function()
    local outcome = run('local x = 1\nlocal = 2')
    expect(outcome.ok).toBe(false)
    expect(outcome.error).toMatchObject({ code = 'syntax', line = 2 })
  end)

  it.each({
    { 'while true do end' },
    { 'pcall(function() while true do end end) while true do end' },
    { "string.rep('a', 1e9):find('.-.-.-.-b')" },
  })('stops %q at its time-out', function(code)
    local outcome = run(code, nil, nil, { timeoutMs = 50 })
    expect(outcome.ok).toBe(false)
    expect({ 'time', 'memory' }).toContain(assert(outcome.error).limit)
  end)

  it('stops what takes too much memory', function()
    local outcome = run("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e6) .. i end")
    expect(outcome.ok).toBe(false)
    expect({ 'time', 'memory' }).toContain(assert(outcome.error).limit)
  end)

  it.each({
    { "require('db').luaScript.deleteMany({ where = {} })" },
    { "os.execute('true')" },
    { "io.open('/etc/passwd')" },
    { "load('return 1')()" },
    { 'debug.getregistry()' },
    { "require('os')" },
    { 'setmetatable({}, { __gc = print })' },
  })('gives no way out to %q', function(code)
    local outcome = run(code)
    expect(outcome.ok).toBe(false)
    expect(db.luaScript.count()).toBe(1)
  end)

  it('sees the globals that it may, and no others', function()
    local outcome =
      run('return { math ~= nil, string ~= nil }', nil, nil, { allowedGlobals = { 'math' } })
    expect(outcome.result).toEqual({ true, false })
  end)

  it('keeps nothing from one run to the next', function()
    local id = editor.createScript('x', 'count = (count or 0) + 1 return count').id
    expect(editor.executeScript(id).result).toBe(1)
    expect(editor.executeScript(id).result).toBe(1)
  end)

  it('refuses a script that is not there', function()
    local ok, fault = pcall(editor.executeScript, 'nowhere')
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'not_found')).toBe(true)
  end)
end)
