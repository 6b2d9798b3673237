-- expect: ok
local json = require('json')
local t = {} t.t = t assert(not pcall(json.encode, t))
