-- expect: timeout|error
-- timeout-ms: 100
table.sort(setmetatable({}, { __len = function() return 2^31 end, __index = function() return 1 end }))
