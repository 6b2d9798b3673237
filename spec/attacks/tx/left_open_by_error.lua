-- expect: error gone wrong
-- items: 1
local db = require('db')
db.transaction(function() db.item.deleteMany({ where = db.all }) error('gone wrong') end)
