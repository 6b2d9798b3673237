-- expect: error
local json = require('json') local x = ('x'):rep(2^16) local t = {} for i = 1, 2^12 do t[i] = x end json.encode(t)
