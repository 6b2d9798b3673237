-- expect: ok
local ctx = require('ctx')
assert(not pcall(function() ctx.tenant = 'other' end))
assert(not pcall(function() ctx.level = 9 end))
rawset(ctx, 'level', 9)
