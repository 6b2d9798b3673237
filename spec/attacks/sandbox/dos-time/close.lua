-- expect: timeout
-- timeout-ms: 100
do local c <close> = setmetatable({}, { __close = function() while true do end end }) end
