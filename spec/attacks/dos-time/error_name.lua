-- expect: timeout
error(setmetatable({}, { __name = 5, __tostring = function() while true do pcall(error) end end }))
