-- expect: error yielded
-- items: 1
local db = require('db')
local co = coroutine.wrap(function()
  db.transaction(function()
    db.item.create({ data = { name = 'x' } })
    coroutine.yield()
  end)
end)
co()
