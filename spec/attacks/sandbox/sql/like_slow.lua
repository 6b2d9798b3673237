-- expect: timeout|error
-- timeout-ms: 100
db.note.create({ data = { text = ('a'):rep(2^20) } }) while true do db.note.count({ where = { text = { contains = ('%a'):rep(400) .. 'b' } } }) end
