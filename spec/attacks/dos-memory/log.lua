-- expect: output
local log = require('log')
while true do log.info(('x'):rep(1000)) end
