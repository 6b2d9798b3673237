-- expect: ok
local function count() return db.note.count({ where = { text = 'tx' } }) end local before = count()
pcall(db.transaction, function(tx) tx.note.create({ data = { text = 'tx' } }) error('x') end) assert(count() == before)
