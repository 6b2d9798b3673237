-- expect: timeout
local function again() return xpcall(function() while true do end end, function(p) while true do end end) end
while true do again() end
