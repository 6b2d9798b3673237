-- expect: timeout
-- timeout-ms: 100
local id = require('id') while true do for _, f in pairs(id) do pcall(f) end end
