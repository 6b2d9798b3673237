--- Lists of scripts and versions, and their runs.
local check = require('check')
local db = require('db')
local list = require('list')
local sandbox = require('sandbox')
local script = require('script')

---@class code_editor.db.queries
local M = {}

--- Lists a tenant's scripts by their names.
---@param tenantId string
---@param page? list.Page
---@return code_editor.Script[]
function M.listScripts(tenantId, page)
  check.tenant(tenantId, 'tenantId')
  page = check.fields(page, 'page', list.pageFields())
  local records = db.luaScript.findMany(list.page({
    where = { tenantId = tenantId },
    orderBy = { { name = 'asc' }, { id = 'asc' } },
  }, page))
  return list.map(records, script.decode)
end

--- Lists the versions of a script, newest first.
---@param scriptId string
---@return LuaScriptVersion[]
function M.listScriptVersions(scriptId)
  check.id(scriptId, 'scriptId')
  return db.luaScriptVersion.findMany({
    where = { scriptId = script.get(scriptId).id },
    orderBy = { version = 'desc' },
  })
end

--- Runs a script in the sandbox and tells what became of it: its result, what it printed, or its
--- error with the line, and the limit that ended it.
---
--- The arguments are checked against the script's parameters: the code is `invalid_arguments` where
--- they do not fit. In the script each parameter is a global of its name.
---@param scriptId string
---@param args? any[]|table<string, any> by the order of the parameters, or by their names
---@return sandbox.Outcome
function M.executeScript(scriptId, args)
  check.id(scriptId, 'scriptId')
  local record = script.decode(script.get(scriptId))
  return sandbox.run(record.code, {
    args = script.checkArguments(record, args),
    globals = record.allowedGlobals,
    timeoutMs = record.timeoutMs,
    name = record.name,
  })
end

return M
