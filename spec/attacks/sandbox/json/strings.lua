-- expect: ok
local json = require('json')
for _, s in ipairs({ '"\\ud800"', '"\\u12"', '"\xff"', '"', '"\\x"', '"\1"', '\0', '' }) do local value, message = json.decode(s) assert(value == nil and type(message) == 'string', s) end
