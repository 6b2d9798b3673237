-- expect: ok
local victim = require('victim')
victim.count = function() return 1000 end
victim.probe = nil
victim.config.limit = 99
victim.config.names[1] = 'hacked'
victim.config.names[3] = 'hacked'
setmetatable(victim, { __index = function() return 'hacked' end })
assert(require('victim').config.limit == 99)
