local check = require('check')
local editor = require('code_editor')
local list = require('list')

local function codeOf(operation, ...)
  local ok, fault = pcall(editor[operation], ...)
  expect(ok).toBe(false)
  return check.isFault(fault) and fault.code or tostring(fault)
end

describe('createScript', function()
  it('keeps the code as the first version', function()
    local script = editor.createScript('Sum', 'return a + b', {
      { name = 'a', type = 'number' },
      { name = 'b', type = 'number?' },
    })
    expect(script).toMatchObject({
      tenantId = 'default',
      name = 'Sum',
      isSandboxed = true,
      timeoutMs = 5000,
      version = 1,
    })
    expect(script.parameters).toHaveLength(2)
    expect(script.allowedGlobals).toContain('math')
    expect(editor.listScriptVersions(script.id)).toHaveLength(1)
    expect(editor.getScript(script.id)).toEqual(script)
  end)

  it('takes code that does not compile yet, and no parameters', function()
    expect(editor.createScript('Draft', 'return (').parameters).toEqual({})
    expect(editor.createScript('Empty', '').code).toBe('')
  end)

  it.each({
    { { { name = 'a' } } },
    { { { type = 'string' } } },
    { { { name = 'a b', type = 'string' } } },
    { { { name = 'a', type = 'text' } } },
    { { { name = 'a', type = 'string' }, { name = 'a', type = 'string' } } },
    { { 'a' } },
  })('refuses the parameters %s', function(parameters)
    local ok = pcall(editor.createScript, 'x', '', parameters)
    expect(ok).toBe(false)
  end)

  it('names every fault of the parameters', function()
    local ok, fault = pcall(editor.createScript, 'x', '', {
      { name = '1', type = 'string' },
      { name = 'b', type = 'text' },
    })
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'invalid_parameters')).toBe(true)
    expect(tostring(fault)).toContain('parameters[1].name')
    expect(tostring(fault)).toContain('parameters[2].type')
  end)

  it.each({
    { 'name', ' ', '' },
    { 'name', nil, '' },
    { 'code', 'x', nil },
    { 'parameters', 'x', '', 7 },
  })('refuses a wrong %s', function(name, title, code, parameters)
    expect(function()
      editor.createScript(title, code, parameters)
    end).toThrow(name)
  end)
end)

describe('updateScript', function()
  it('keeps what was there', function()
    local id = editor.createScript('x', 'return 1').id
    expect(editor.updateScript(id, 'return 2').version).toBe(2)
    expect(editor.updateScript(id, 'return 2').version).toBe(2)
    expect(editor.updateScript(id, 'return 3').version).toBe(3)
    expect(list.pluck(editor.listScriptVersions(id), 'code')).toEqual({
      'return 3',
      'return 2',
      'return 1',
    })
  end)

  it('refuses one that is not there', function()
    expect(codeOf('updateScript', 'nowhere', '')).toBe('not_found')
  end)
end)

describe('restoreScriptVersion', function()
  it('makes an older version the next one', function()
    local id = editor.createScript('x', 'return 1').id
    editor.updateScript(id, 'return 2')
    expect(editor.restoreScriptVersion(id, 1)).toMatchObject({ version = 3, code = 'return 1' })
    expect(codeOf('restoreScriptVersion', id, 9)).toBe('not_found')
    expect(function()
      editor.restoreScriptVersion(id, 0)
    end).toThrow('version')
  end)
end)

describe('configureScript', function()
  it('changes how a script runs', function()
    local id = editor.createScript('x', 'return 1').id
    local changed = editor.configureScript(id, {
      name = 'y',
      timeoutMs = 100,
      allowedGlobals = { 'math' },
      parameters = { { name = 'a', type = 'any' } },
    })
    expect(changed).toMatchObject({
      name = 'y',
      timeoutMs = 100,
      allowedGlobals = { 'math' },
      version = 1,
    })
    expect(changed.parameters).toHaveLength(1)
  end)

  it.each({
    { 'timeoutMs', { timeoutMs = 0 } },
    { 'timeoutMs', { timeoutMs = 60001 } },
    { 'allowedGlobals', { allowedGlobals = { '' } } },
    { 'isSandboxed', { isSandboxed = false } },
    { 'name', { name = ' ' } },
  })('refuses a wrong %s', function(name, settings)
    local id = editor.createScript('x', '').id
    expect(function()
      editor.configureScript(id, settings)
    end).toThrow(name)
  end)
end)

describe('listScripts', function()
  it("lists a tenant's by their names", function()
    editor.createScript('b', '')
    editor.createScript('a', '')
    expect(list.pluck(editor.listScripts('default'), 'name')).toEqual({ 'a', 'b' })
    expect(editor.listScripts('default', { take = 1 })).toHaveLength(1)
    expect(editor.listScripts('acme')).toEqual({})
  end)
end)

describe('deleteScript', function()
  it('takes the versions with it', function()
    local id = editor.createScript('x', '').id
    expect(editor.deleteScript(id).id).toBe(id)
    expect(editor.getScript(id)).toBeNil()
    expect(codeOf('listScriptVersions', id)).toBe('not_found')
  end)
end)

describe('validateScript', function()
  it('finds nothing wrong with code that compiles', function()
    expect(editor.validateScript('return 1 + 1')).toEqual({ valid = true, problems = {} })
    expect(editor.validateScript('').valid).toBe(true)
  end)

  it.each({
    { 'return (', 1 },
    { 'local x = 1\nlocal y = = 2', 2 },
    { 'for i = 1 do end', 1 },
    { '\n\nend', 3 },
    { 'goto nowhere', 1 },
  })('says where %q is wrong', function(code, line)
    local result = editor.validateScript(code)
    expect(result.valid).toBe(false)
    expect(assert(result.problems[1]).line).toBe(line)
    expect(assert(result.problems[1]).column).toBeGreaterThanOrEqual(1)
    expect(assert(result.problems[1]).message).never.toBe('')
  end)

  it('runs nothing', function()
    expect(editor.validateScript('while true do end').valid).toBe(true)
  end)
end)

describe('getScript', function()
  it.each({ { '' }, { 7 }, { { 'a' } } })('refuses %s for an id', function(scriptId)
    expect(function()
      editor.getScript(scriptId)
    end).toThrow('`scriptId` must be ')
  end)
end)

describe('validateScript', function()
  it.each({ { 7 }, { { 'return' } }, { print } })('takes no %s for a text', function(code)
    expect(function()
      editor.validateScript(code)
    end).toThrow('`code` must be a string')
  end)
end)
