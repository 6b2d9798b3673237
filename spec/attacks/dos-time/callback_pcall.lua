-- expect: timeout
local victim = require('victim')
while true do pcall(victim.apply, function() while true do end end) end
