-- expect: ok
local called = false
local function f() called = true end
local t = setmetatable({ a = 1 }, { __index = f, __pairs = f, __len = f, __tostring = f, __name = 'x' })
pcall(json.encode, t)
assert(not called)
