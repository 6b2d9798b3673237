-- expect: timeout|error
-- timeout-ms: 100
table.concat(setmetatable({}, { __len = function() return math.maxinteger end, __index = function() return '' end }))
