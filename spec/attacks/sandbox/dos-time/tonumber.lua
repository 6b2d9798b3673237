-- expect: timeout
-- timeout-ms: 100
while true do tonumber(('9'):rep(2^20)) tonumber(('z'):rep(2^20), 36) end
