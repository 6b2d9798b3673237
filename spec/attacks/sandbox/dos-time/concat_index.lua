-- expect: timeout
-- timeout-ms: 100
table.concat(setmetatable({}, { __index = function() return '' end }), '', 1, math.maxinteger)
