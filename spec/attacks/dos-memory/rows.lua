-- expect: error
local db = require('db')
local text = ('x'):rep(1 << 20)
for i = 1, 100 do
  db.note.create({ data = { title = text } })
end
