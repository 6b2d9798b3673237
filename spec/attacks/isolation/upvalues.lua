-- expect: ok
-- never: the-secret
assert(debug == nil)
local victim = require('victim')
assert(not victim.checks('x'))
assert(pcall(string.dump or function() end, victim.checks))
