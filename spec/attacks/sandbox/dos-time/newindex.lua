-- expect: timeout
-- timeout-ms: 100
local t = setmetatable({}, { __newindex = function(t, k, v) while true do end end }) t.x = 1
