-- expect: timeout
local db = require('db')
while true do
  pcall(db.transaction, function() db.item.create({ data = { name = 'x' } }) while true do end end)
end
