-- expect: error yielded
-- items: 1
local db = require('db')
db.transaction(function()
  db.item.create({ data = { name = 'x' } })
  coroutine.yield()
end)
