-- expect: error
local json = require('json')
local t = {} t[1] = t return t
