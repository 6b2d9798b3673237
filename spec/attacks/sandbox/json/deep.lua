-- expect: ok
local json = require('json')
assert(json.decode(('['):rep(100000)) == nil) assert(json.decode(('{"a":'):rep(100000)) == nil)
