-- expect: timeout
-- timeout-ms: 100
local json = require('json') while true do json.decode(('['):rep(100000)) end
