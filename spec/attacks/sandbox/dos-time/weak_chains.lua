-- expect: timeout|error
-- timeout-ms: 100
local ts = {} for k = 1, 200 do ts[k] = setmetatable({}, { __mode = "k" }) end local n = {} local first = n for i = 1, 40000 do local m = {} ts[i % 200 + 1][n] = m n = m end while true do collectgarbage() end
