-- expect: timeout
-- timeout-ms: 100
while true do pcall(string.format, ('%99.99f'):rep(200), table.unpack(table.pack(('1e300 '):rep(200)), 1, 1)) end
