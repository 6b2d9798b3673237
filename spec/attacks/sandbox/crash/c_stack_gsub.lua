-- expect: ok|error
local function f(x) return ('a'):gsub('a', f) end pcall(f)
