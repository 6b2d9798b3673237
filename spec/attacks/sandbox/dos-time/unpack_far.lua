-- expect: timeout
-- timeout-ms: 100
while true do pcall(table.unpack, {}, 1, 2^30) pcall(table.unpack, {}, 1, 900000) end
