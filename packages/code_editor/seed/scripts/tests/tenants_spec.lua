local check = require('check')
local db = require('db')
local editor = require('code_editor')

---@type code_editor.Script
local script

before_each(function()
  asCaller({ tenant = 'acme' }, function()
    script = editor.createScript('Secret', 'return 1')
  end)
end)

local function asGlobex(operation, ...)
  local args = table.pack(...)
  return asCaller({ tenant = 'globex', user = 'eve', level = 6 }, function()
    return pcall(editor[operation], table.unpack(args, 1, args.n))
  end)
end

describe('a caller of another tenant', function()
  it('may not name the tenant', function()
    local ok, fault = asGlobex('listScripts', 'acme')
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'forbidden')).toBe(true)
  end)

  it.each({
    { 'updateScript', 'return 2' },
    { 'configureScript', { name = 'x' } },
    { 'restoreScriptVersion', 1 },
    { 'deleteScript' },
    { 'executeScript' },
    { 'listScriptVersions' },
  })('finds nothing in %s', function(operation, ...)
    local before = { db.luaScript.findMany(), db.luaScriptVersion.findMany() }
    local ok, fault = asGlobex(operation, script.id, ...)
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'not_found')).toBe(true)
    expect({ db.luaScript.findMany(), db.luaScriptVersion.findMany() }).toEqual(before)
  end)

  it('sees nothing', function()
    expect(select(2, asGlobex('getScript', script.id))).toBeNil()
  end)
end)
