-- expect: timeout
-- timeout-ms: 100
while true do table.move({}, 1, 2^24 - 1, 2^40) end
