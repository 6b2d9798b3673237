-- expect: timeout|error
-- timeout-ms: 100
local json = require('json') local t = {} for i = 1, 2^16 do t[i] = i end while true do json.encode(t) end
