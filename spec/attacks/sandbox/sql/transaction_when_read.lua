-- expect: ok
-- grant: read
local n = db.transaction(function(tx) return tx.note.count() end) assert(type(n) == 'number') assert(not pcall(db.transaction, function(tx) tx.note.create({ data = { text = 'x' } }) end))
