-- expect: timeout
-- timeout-ms: 100
local text = require('text') local s = (' '):rep(2^18) for name, f in pairs(text) do pcall(f, s, s, s) end while true do end
