-- expect: timeout|error
-- timeout-ms: 100
local t = {} for i = 1, 2^18 do t[i] = i end while true do pcall(table.sort, t, rawequal) pcall(table.sort, t, math.ult) end
