-- expect: ok
-- items: 2
local db = require('db')
db.transaction(function()
  db.item.create({ data = { name = 'one' } })
  pcall(db.item.create, { data = { name = 'one' } })
end)
