-- expect: ok
local json = require('json') local list = json.array({}) assert(getmetatable(list) == false) assert(not pcall(setmetatable, list, {}))
