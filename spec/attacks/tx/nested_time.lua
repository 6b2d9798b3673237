-- expect: timeout
-- items: 1
local db = require('db')
db.transaction(function()
  db.item.create({ data = { name = 'outer' } })
  db.transaction(function()
    db.item.create({ data = { name = 'inner' } })
    pcall(function() while true do end end)
  end)
end)
