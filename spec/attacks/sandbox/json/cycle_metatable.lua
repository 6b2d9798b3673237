-- expect: ok
local json = require('json')
local t = setmetatable({}, { __index = function(t) return t end }) pcall(json.encode, t)
