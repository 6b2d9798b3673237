-- expect: timeout
-- timeout-ms: 100
while true do pcall(table.remove, setmetatable({}, { __len = function() return 2^22 end }), 1) end
