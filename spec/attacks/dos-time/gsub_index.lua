-- expect: timeout
('x'):gsub('.', setmetatable({}, { __index = function() while true do end end }))
