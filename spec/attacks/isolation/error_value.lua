-- expect: ok
local victim = require('victim')
local ok, problem = pcall(victim.fail)
problem.message = 'hacked'
setmetatable(problem, { __tostring = function() return 'hacked' end })
local _, again = pcall(victim.fail)
assert(again.message == 'refused' and getmetatable(again) == nil)
