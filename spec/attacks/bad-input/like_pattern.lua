-- expect: error
local db = require('db')
db.note.create({ data = { title = ('a'):rep(50000) } })
return db.note.count({ where = { title = { contains = ('a%'):rep(20000) .. 'b' } } })
