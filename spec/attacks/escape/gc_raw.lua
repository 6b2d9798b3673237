-- expect: ok
local metatable = setmetatable({}, { __index = function(_, key) return key == '__gc' and print or nil end })
local t = setmetatable({}, metatable)
t = nil
collectgarbage()
assert(not pcall(setmetatable, {}, { __gc = 1, __index = 1 }))
