-- expect: timeout|error
-- timeout-ms: 100
local function f() return f() + 1 end while true do pcall(f) end
