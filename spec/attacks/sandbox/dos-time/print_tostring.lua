-- expect: timeout
-- timeout-ms: 100
print(setmetatable({}, { __tostring = function() while true do end end }))
