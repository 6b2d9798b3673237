-- expect: timeout
-- timeout-ms: 100
while true do pcall(string.pack, ('i16'):rep(10000), table.unpack({}, 1, 10000)) pcall(string.unpack, 'z', ('x'):rep(2^20)) end
