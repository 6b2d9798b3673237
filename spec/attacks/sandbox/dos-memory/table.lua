-- expect: error memory|timeout
-- timeout-ms: 100
local t = {} for i = 1, 1e9 do t[i] = {} end
