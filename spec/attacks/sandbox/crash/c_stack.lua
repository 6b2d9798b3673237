-- expect: ok|error
local function f() return pcall(f) end f()
