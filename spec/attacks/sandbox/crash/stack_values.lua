-- expect: ok|error|timeout
-- timeout-ms: 100
local function f(...) return f(1, ...) end pcall(f)
