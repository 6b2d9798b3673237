-- expect: timeout
-- items: 1
local db = require('db')
db.transaction(function() db.item.deleteMany({ where = db.all }) while true do end end)
