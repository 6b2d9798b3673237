-- expect: timeout
table.move(setmetatable({}, { __index = function() while true do end end }), 1, 5, 2)
