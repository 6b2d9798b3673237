-- expect: timeout
-- timeout-ms: 100
local check = require('check') for name, f in pairs(check) do if type(f) == 'function' then pcall(f, setmetatable({}, { __index = function() while true do end end }), 'x') end end while true do end
