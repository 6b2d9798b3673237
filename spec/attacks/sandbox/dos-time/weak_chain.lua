-- expect: timeout|error
-- timeout-ms: 100
local first = {} local last = first local t = setmetatable({}, { __mode = "k" }) for i = 1, 50000 do local n = {} t[last] = n last = n end while true do collectgarbage() end
