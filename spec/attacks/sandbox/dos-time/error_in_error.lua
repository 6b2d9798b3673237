-- expect: error|timeout
-- timeout-ms: 100
error(setmetatable({}, { __tostring = function() error(setmetatable({}, { __tostring = function() while true do end end })) end }))
