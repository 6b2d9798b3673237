-- expect: timeout
-- timeout-ms: 100
local function f() local c <close> = setmetatable({}, { __close = function() f2() end }) end function f2() local c <close> = setmetatable({}, { __close = function() while true do end end }) error("x") end while true do pcall(f) end
