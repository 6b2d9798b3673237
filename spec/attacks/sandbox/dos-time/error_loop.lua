-- expect: timeout
-- timeout-ms: 100
while true do pcall(error, setmetatable({}, { __index = function() error("x") end })) end
