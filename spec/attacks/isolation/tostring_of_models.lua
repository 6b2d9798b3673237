-- expect: ok
local db = require('db')
assert(not tostring(db.note):find('0x'))
assert(not pcall(function() return db.note.fields.x end))
local _, problem = pcall(function() return db.nothing end)
assert(type(problem) == 'table' and problem.code == 'unknown_model')
