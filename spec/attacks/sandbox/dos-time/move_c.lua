-- expect: timeout|error|ok
-- timeout-ms: 100
table.move(setmetatable({}, { __index = rawlen }), 1, 2^24 - 1, 1, setmetatable({}, { __newindex = rawequal }))
