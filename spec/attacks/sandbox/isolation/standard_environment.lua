-- expect: ok
local json = require('json')
local seen
local ok = pcall(function() json.encode(setmetatable({}, { __index = function() seen = _ENV end })) end)
assert(seen == nil)
