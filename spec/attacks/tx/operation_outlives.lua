-- expect: ok
-- items: 2
local db = require('db')
local create
db.transaction(function(tx) create = tx.item.create end)
create({ data = { name = 'outside' } })
