-- expect: timeout
-- timeout-ms: 100
local w = coroutine.wrap(function() local c <close> = setmetatable({}, { __close = function() while true do end end }) error("x") end) while true do pcall(w) end
