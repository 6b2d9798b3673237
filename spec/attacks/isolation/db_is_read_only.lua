-- expect: ok
local db = require('db')
assert(not pcall(function() db.item = {} end))
assert(not pcall(function() db.item.create = print end))
assert(not pcall(function() db.transaction = print end))
assert(not pcall(function() db.null = 1 end))
assert(not pcall(setmetatable, db, {}))
assert(not pcall(setmetatable, db.note, {}))
assert(next(db) == nil and next(db.note) == nil)
