-- expect: ok
local db = require('db')
local ok, problem = pcall(function() return db.note:findMany({}) end)
assert(not ok and problem.code == 'colon_call')
ok = pcall(function() return db:transaction(print) end)
assert(not ok)
