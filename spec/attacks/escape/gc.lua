-- expect: ok
assert(not pcall(setmetatable, {}, { __gc = function() end }))
assert(not pcall(setmetatable, {}, { __gc = true }))
-- Lua looks for `__gc` when the metatable is set, and not afterwards.
local metatable = {}
local t = setmetatable({}, metatable)
local ran = false
metatable.__gc = function() ran = true end
t = nil
collectgarbage()
collectgarbage()
assert(not ran)
