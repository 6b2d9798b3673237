--- On whose behalf a call runs; read-only.
---
---     local ctx = require('ctx')
---     db.note.create({ data = { tenantId = ctx.tenant, userId = ctx.user, text = text } })
---
--- A caller who belongs to a tenant reaches no other one's rows: `bound` goes into the `where` of
--- every row that is found by its id, and `check.tenant` checks a tenant that is an argument.
---
---     db.note.findFirst({ where = { id = noteId, tenantId = ctx.bound } })
local native = ...

---@class ctx
---@field package string the package that asks
---@field tenant string the tenant in which the call acts: `default`, where the caller belongs to none
---@field bound? string the tenant whose rows are all that the caller may reach; nil for the operator, who may reach every one's
---@field user? string the user's id, nil for nobody
---@field level integer the user's level, 0 for the public to 6
---@field operator boolean whether the caller carries no level and may do everything
---@field now integer milliseconds since the epoch
local names = { 'package', 'tenant', 'bound', 'user', 'level', 'operator', 'now' }

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
