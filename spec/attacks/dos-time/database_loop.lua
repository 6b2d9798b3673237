-- expect: timeout
local db = require('db')
while true do pcall(db.item.count) end
