-- expect: ok|error|timeout
-- timeout-ms: 100
local t = {} for i = 1, 2^17 do t[i] = i .. '.5' end load('return {' .. table.concat(t, ',') .. '}')
