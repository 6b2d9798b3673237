-- expect: ok
local db = require('db')
local list = {}
for i = 1, 20000 do list[i] = i end
assert(db.note.count({ where = { id = { ['in'] = list } } }) == 0)
local any = {}
for i = 1, 3000 do any[i] = { id = i } end
pcall(db.note.count, { where = { OR = any } })
