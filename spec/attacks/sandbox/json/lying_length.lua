-- expect: ok
local json = require('json')
local ok, text = pcall(json.encode, setmetatable({}, { __len = function() return 2^40 end })) assert(not ok or #text < 100)
