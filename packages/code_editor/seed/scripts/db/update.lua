--- Changes of scripts.
local check = require('check')
local db = require('db')
local json = require('json')
local script = require('script')
local time = require('time')
local versions = require('versions')

local M = {}

--- Puts another code into a script, as its next version.
---@param scriptId string
---@param code string
---@return code_editor.Script
function M.updateScript(scriptId, code)
  check.id(scriptId, 'scriptId')
  check.string(code, 'code')
  return db.transaction(function()
    return script.decode(versions.advance(script.get(scriptId), code))
  end)
end

--- Makes an older version the next one: what came between stays in the list.
---@param scriptId string
---@param version integer
---@return code_editor.Script
function M.restoreScriptVersion(scriptId, version)
  check.id(scriptId, 'scriptId')
  version = check.integer(version, 'version', 1)
  return db.transaction(function()
    local record = script.get(scriptId)
    local where = { scriptId = record.id, version = version }
    local old =
      check.found(db.luaScriptVersion.findFirst({ where = where }), 'version', tostring(version))
    return script.decode(versions.advance(record, old.code))
  end)
end

---@class code_editor.Settings
---@field name? string
---@field description? string
---@field parameters? code_editor.Parameter[]
---@field timeoutMs? integer from 1 to 60000
---@field allowedGlobals? string[] the names of the globals that it sees, such as `math` and `string.format`

--- Changes what a script is called, what it takes, and how it runs; its code stays.
---@param scriptId string
---@param settings code_editor.Settings
---@return code_editor.Script
function M.configureScript(scriptId, settings)
  check.id(scriptId, 'scriptId')
  settings = check.fields(settings, 'settings', {
    name = 'text?',
    description = 'string?',
    parameters = 'array?',
    timeoutMs = 'integer?',
    allowedGlobals = 'array?',
  })
  if settings.parameters then
    settings.parameters = script.checkParameters(settings.parameters)
  end
  if settings.timeoutMs then
    check.integer(settings.timeoutMs, 'settings.timeoutMs', 1, script.mostMs)
  end
  for index, name in ipairs(settings.allowedGlobals or {}) do
    check.id(name, ('settings.allowedGlobals[%d]'):format(index))
  end
  return db.transaction(function()
    local data = json.encodeFields(settings, script.jsonFields)
    data.updatedAt = time.now()
    return script.decode(
      db.luaScript.update({ where = { id = script.get(scriptId).id }, data = data })
    )
  end)
end

return M
