-- expect: ok
-- never: the-secret
local object = require('victim').locked()
pcall(json.object, object)
pcall(json.array, object)
assert(object.shown == 2, 'the metatable is gone')
local db = require('db')
pcall(json.object, db)
assert(tostring(db) == 'db')
local _, problem = pcall(db.note.findMany, { wher = 1 })
pcall(json.object, problem)
assert(getmetatable(problem) == false)
