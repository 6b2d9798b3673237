-- expect: ok
local json = require('json')
local t = {} for i = 1, 100000 do t = { t } end assert(not pcall(json.encode, t))
