--- The versions of a script: each that it ever had stays.
local ctx = require('ctx')
local db = require('db')
local time = require('time')

local M = {}

--- Keeps what a script is now as its version; call it in the transaction that changes it.
---@param record LuaScript
function M.keep(record)
  db.luaScriptVersion.create({
    data = {
      scriptId = record.id,
      version = record.version,
      code = record.code,
      createdBy = ctx.user,
      createdAt = time.now(),
    },
  })
end

--- Puts another code into a script, as its next version. The same code again changes nothing.
---@param record LuaScript
---@param code string
---@return LuaScript
function M.advance(record, code)
  if record.code == code then
    return record
  end
  local changed = db.luaScript.update({
    where = { id = record.id },
    data = { code = code, version = { increment = 1 }, updatedAt = time.now() },
  })
  M.keep(changed)
  return changed
end

return M
