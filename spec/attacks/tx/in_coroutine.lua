-- expect: timeout
-- items: 1
local db = require('db')
coroutine.wrap(function()
  db.transaction(function()
    db.item.create({ data = { name = 'x' } })
    while true do end
  end)
end)()
