-- expect: timeout
table.concat(setmetatable({}, { __len = function() return 1 << 22 end, __index = function() return '' end }))
