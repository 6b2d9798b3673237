-- expect: error|timeout
-- timeout-ms: 100
table.move({}, 1, math.maxinteger - 1, 2)
