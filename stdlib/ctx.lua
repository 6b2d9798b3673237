--- On whose behalf a call runs; read-only.
---
---     local ctx = require('ctx')
---     db.note.create({ data = { tenantId = ctx.tenant, userId = ctx.user, text = text } })
local native = ...

---@class ctx
---@field package string the package that asks
---@field tenant string the tenant's id
---@field user? string the user's id, nil for nobody
---@field level integer the user's level, 0 for the public to 6
---@field now integer milliseconds since the epoch
local names = { 'package', 'tenant', 'user', 'level', 'now' }

local function values()
  local copy = {}
  for _, name in ipairs(names) do
    copy[name] = native.get(name)
  end
  return next, copy, nil
end

---@type ctx
return setmetatable({}, {
  __index = function(_, name)
    local value, known = native.get(name)
    if not known then
      error(('ctx has no `%s`; there are: %s'):format(tostring(name), table.concat(names, ', ')), 2)
    end
    return value
  end,
  __newindex = function(_, name)
    error(('ctx is read-only; `%s` was not set'):format(tostring(name)), 2)
  end,
  __pairs = values,
  __metatable = false,
})
