-- expect: timeout
local db = require('db')
db.transaction(function() db.item.create({ data = { name = 'x' } }) while true do end end)
