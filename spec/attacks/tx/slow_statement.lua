-- expect: timeout
-- items: 1
-- One statement that takes long: each row is compared with a list of patterns.
local db = require('db')
local rows = {}
for i = 1, 2000 do rows[i] = { title = ('ab'):rep(50) .. i } end
db.note.createMany({ data = rows })
local any = {}
for i = 1, 100 do any[i] = { title = { contains = ('a%b'):rep(10) .. i .. 'x' } } end
while true do db.note.count({ where = { OR = any } }) end
