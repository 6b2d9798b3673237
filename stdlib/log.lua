--- Lines for the host's log.
---
---     local log = require('log')
---     log.info('thread created', { threadId = thread.id })
local native = ...

---@class log
---@overload fun(message: any, fields?: table)
local M = {}

local function write(level, message, fields)
  if type(message) == 'table' and fields == nil then
    message, fields = '', message
  end
  if fields ~= nil and type(fields) ~= 'table' then
    message = ('%s %s'):format(tostring(message), tostring(fields))
    fields = nil
  end
  local text
  if fields then
    local problem
    text, problem = native.encode(fields)
    -- A log line is no place to fail.
    text = text or native.encode({ fields = problem })
  end
  native.write(level, tostring(message), text)
end

--- Logs what helps to find a fault.
---@param message any
---@param fields? table what goes with it, as JSON
function M.debug(message, fields)
  write(1, message, fields)
end

--- Logs what happened.
---@param message any
---@param fields? table
function M.info(message, fields)
  write(2, message, fields)
end

--- Logs what is odd, and went on.
---@param message any
---@param fields? table
function M.warn(message, fields)
  write(3, message, fields)
end

--- Logs what failed.
---@param message any
---@param fields? table
function M.error(message, fields)
  write(4, message, fields)
end

return setmetatable(M, {
  __call = function(_, message, fields)
    write(2, message, fields)
  end,
})
