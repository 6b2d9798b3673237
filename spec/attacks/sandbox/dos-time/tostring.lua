-- expect: timeout
-- timeout-ms: 100
tostring(setmetatable({}, { __tostring = function() while true do end end }))
