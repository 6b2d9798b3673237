-- expect: memory
-- items: 1
local db = require('db')
db.transaction(function() db.item.deleteMany({ where = db.all }) return #('x'):rep(1 << 30) end)
