-- expect: ok
local json = require('json')
assert(not pcall(json.encode, { [1] = 1, [1000000000] = 2 }))
