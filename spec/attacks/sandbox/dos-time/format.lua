-- expect: error|timeout
-- timeout-ms: 100
while true do ('%99.99f'):rep(100):format(table.unpack({ 1e308 }, 1, 1)) end
