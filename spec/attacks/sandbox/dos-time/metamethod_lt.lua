-- expect: timeout
-- timeout-ms: 100
local m = {} m.__lt = function() while true do end end local t = setmetatable({}, m) while true do pcall(function() return t < t end) end
