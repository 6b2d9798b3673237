-- expect: timeout
local db = require('db')
local t = { title = 'x' }
for i = 1, 30 do t = { AND = { t, t } } end
db.note.findMany({ where = t })
