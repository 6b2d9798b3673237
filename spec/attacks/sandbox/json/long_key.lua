-- expect: ok|error
local json = require('json')
local v = json.decode('{"' .. ('k'):rep(2^20) .. '":1}') assert(v)
