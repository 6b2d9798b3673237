-- expect: timeout
-- timeout-ms: 100
while true do collectgarbage() end
