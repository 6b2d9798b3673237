-- expect: ok
local json = require('json') assert(not pcall(function() json.null.x = 1 end)) assert(not pcall(setmetatable, json.null, {}))
