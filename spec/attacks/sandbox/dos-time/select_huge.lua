-- expect: timeout
-- timeout-ms: 100
while true do pcall(select, math.mininteger) pcall(select, '#', table.unpack({}, 1, 200000)) end
