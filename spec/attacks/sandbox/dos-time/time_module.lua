-- expect: timeout
-- timeout-ms: 100
local time = require('time') while true do for _, f in pairs(time) do if type(f) == 'function' then pcall(f, ('9'):rep(10000)) end end end
