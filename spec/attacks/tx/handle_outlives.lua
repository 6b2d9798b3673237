-- expect: error has ended
-- items: 1
local db = require('db')
local kept
db.transaction(function(tx) kept = tx end)
kept.item.create({ data = { name = 'x' } })
