-- expect: timeout|error
-- timeout-ms: 100
local s = 'local x = 1 ' while true do load(s:rep(100000)) end
