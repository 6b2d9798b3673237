-- expect: ok|error
local function f() return coroutine.wrap(f)() end pcall(f)
