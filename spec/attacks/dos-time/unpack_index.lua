-- expect: timeout
while true do pcall(table.unpack, setmetatable({}, { __index = function() while true do end end }), 1, 3) end
