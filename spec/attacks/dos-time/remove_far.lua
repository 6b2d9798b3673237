-- expect: error
table.remove(setmetatable({}, { __len = function() return 1 << 60 end, __index = type, __newindex = type }), 1)
