-- expect: ok
local function count() return db.note.count({ where = { text = 'tx' } }) end local before = count()
pcall(db.transaction, function(tx) local c <close> = setmetatable({}, { __close = function() tx.note.create({ data = { text = 'tx' } }) end }) error('x') end) assert(count() == before)
