-- expect: ok
local json = require('json')
assert(not pcall(json.encode, { [1] = 1, a = 2 })) assert(not pcall(json.encode, { [{}] = 1 })) assert(not pcall(json.encode, { [1.5] = 1 }))
