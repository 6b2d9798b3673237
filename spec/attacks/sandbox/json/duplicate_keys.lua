-- expect: ok
local json = require('json')
local v = json.decode('{"a":1,"a":2}') assert(v == nil or v.a == 2)
