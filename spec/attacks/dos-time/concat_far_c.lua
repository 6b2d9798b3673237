-- expect: error
table.concat(setmetatable({}, { __len = function() return 1 << 60 end, __index = string.lower }), '')
