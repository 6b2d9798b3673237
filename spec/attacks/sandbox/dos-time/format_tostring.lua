-- expect: timeout
-- timeout-ms: 100
('%s'):format(setmetatable({}, { __tostring = function() while true do end end }))
