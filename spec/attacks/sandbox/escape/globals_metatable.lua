-- expect: ok
setmetatable(_G, { __index = function(_, name) return name end })
assert(io == 'io' and os == 'os')
local json = require('json')
assert(json.encode({ 1 }) == '[1]')
