-- expect: timeout|error
-- timeout-ms: 100
local t = {} for i = 1, 2^20 do t[i] = i % 7 end while true do table.sort(t) end
