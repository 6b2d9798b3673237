-- expect: timeout|error
-- timeout-ms: 100
local function f() xpcall(error, f) while true do end end while true do xpcall(f, f) end
