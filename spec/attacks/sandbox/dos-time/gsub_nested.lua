-- expect: timeout|error
-- timeout-ms: 100
local function f() ('a'):gsub('a', f) while true do end end while true do pcall(f) end
