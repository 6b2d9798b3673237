-- expect: ok
local function count() return db.note.count({ where = { text = 'tx' } }) end local before = count()
local ok, problem = pcall(db.transaction, function(tx) tx.note.create({ data = { text = 'tx' } }) for i = 1, 1e6 do tx.note.count() end end, { timeoutMs = 20 }) assert(not ok and problem.code == 'P2028') assert(count() == before)
