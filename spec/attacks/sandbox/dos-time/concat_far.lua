-- expect: timeout|error
-- timeout-ms: 100
table.concat(setmetatable({}, { __index = rawlen }), '', 1, math.maxinteger)
