-- expect: timeout
return setmetatable({}, { __add = function() while true do end end }) + 1
