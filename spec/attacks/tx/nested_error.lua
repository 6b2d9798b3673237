-- expect: ok
-- items: 2
local db = require('db')
db.transaction(function()
  db.item.create({ data = { name = 'outer' } })
  pcall(db.transaction, function()
    db.item.create({ data = { name = 'inner' } })
    error('x')
  end)
end)
