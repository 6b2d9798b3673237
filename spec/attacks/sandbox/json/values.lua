-- expect: ok
local json = require('json')
for _, v in ipairs({ print, coroutine.create(print), 0 / 0, math.huge }) do assert(not pcall(json.encode, { v })) end assert(not pcall(json.encode, '\xff'))
