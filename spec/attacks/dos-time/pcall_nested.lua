-- expect: timeout
local function f() while true do pcall(pcall, pcall, f) end end
f()
