--- New scripts.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')
local script = require('script')
local time = require('time')
local versions = require('versions')

local M = {}

--- Makes a script. Its code need not compile yet: `validateScript` says what is wrong with it.
---@param name string
---@param code string
---@param parameters? code_editor.Parameter[]
---@return code_editor.Script
function M.createScript(name, code, parameters)
  check.text(name, 'name')
  check.string(code, 'code')
  parameters = script.checkParameters(parameters == nil and json.array({}) or parameters)

  return db.transaction(function()
    local record = db.luaScript.create({
      data = json.encodeFields({
        tenantId = ctx.tenant,
        name = name,
        code = code,
        parameters = parameters,
        allowedGlobals = script.defaultGlobals,
        createdBy = ctx.user,
        createdAt = time.now(),
      }, script.jsonFields),
    })
    versions.keep(record)
    return script.decode(record)
  end)
end

return M
