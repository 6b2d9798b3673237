-- expect: ok
local victim = require('victim.init')
victim.config.limit = 99
victim.probe = nil
