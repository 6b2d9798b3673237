-- expect: error
table.move(setmetatable({}, { __index = type, __newindex = type }), 1, 1 << 60, 2)
