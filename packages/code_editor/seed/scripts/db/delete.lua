--- Deleting scripts.
local check = require('check')
local db = require('db')
local script = require('script')

local M = {}

--- Deletes a script with all its versions, and returns what it was.
---@param scriptId string
---@return code_editor.Script
function M.deleteScript(scriptId)
  check.id(scriptId, 'scriptId')
  return db.transaction(function()
    return script.decode(db.luaScript.delete({ where = { id = script.get(scriptId).id } }))
  end)
end

return M
