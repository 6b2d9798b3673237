-- expect: error timeoutMs
-- items: 1
local db = require('db')
db.transaction(function()
  db.item.create({ data = { name = 'x' } })
  local begun = os.clock()
  while os.clock() - begun < 0.03 do end
  db.item.create({ data = { name = 'y' } })
end, { timeoutMs = 10 })
