-- expect: timeout
setmetatable({}, { __call = function() while true do end end })()
