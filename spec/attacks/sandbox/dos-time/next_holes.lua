-- expect: timeout
-- timeout-ms: 100
local t = {} for i = 1, 2^18 do t[i] = i end for i = 1, 2^18 do t[i] = nil end while true do next(t) end
