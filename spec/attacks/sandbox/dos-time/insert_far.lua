-- expect: timeout
-- timeout-ms: 100
while true do pcall(table.insert, setmetatable({}, { __len = function() return 2^22 end }), 1, 0) end
