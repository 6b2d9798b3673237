-- expect: ok
local json = require('json')
local forged = setmetatable({}, { __name = 'list', __metatable = false }) assert(not json.isArray(forged))
