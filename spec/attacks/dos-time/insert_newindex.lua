-- expect: timeout
table.insert(setmetatable({}, { __len = function() return 5 end, __newindex = function() while true do end end }), 1)
