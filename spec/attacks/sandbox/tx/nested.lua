-- expect: ok
local function count() return db.note.count({ where = { text = 'tx' } }) end local before = count()
db.transaction(function() pcall(db.transaction, function(tx) tx.note.create({ data = { text = 'tx' } }) error('x') end) end) assert(count() == before)
