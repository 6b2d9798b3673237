-- expect: ok|timeout|error
-- timeout-ms: 100
local list = require('list') for name, f in pairs(list) do pcall(f, setmetatable({}, { __len = function() return 2^40 end, __index = function() return 1 end }), function() return true end) end
