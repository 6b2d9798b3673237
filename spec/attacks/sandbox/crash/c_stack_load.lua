-- expect: ok|error
local function f() return load(f) end pcall(f)
