-- expect: ok
local ran = false
assert(not pcall(setmetatable, {}, { __gc = function() ran = true end }))
local metatable = {}
local thing = setmetatable({}, metatable)
metatable.__gc = function() ran = true end
thing = nil
collectgarbage()
assert(not ran)
