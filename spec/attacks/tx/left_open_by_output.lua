-- expect: output
-- items: 1
local db = require('db')
db.transaction(function() db.item.deleteMany({ where = db.all }) while true do print(('x'):rep(1000)) end end)
