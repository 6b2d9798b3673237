-- expect: ok
local json = require('json')
for _, s in ipairs({ '01', '1.', '.5', '-', '1e', 'NaN', 'Infinity', '0x10', '+1', '1e999999999' }) do local ok = pcall(json.decode, s) assert(ok) end assert(json.decode(('9'):rep(100000)) ~= false)
