-- expect: ok
local function count() return db.note.count({ where = { text = 'tx' } }) end local before = count()
local t = coroutine.create(function() return db.transaction(function(tx) tx.note.create({ data = { text = 'tx' } }) coroutine.yield() end) end) coroutine.resume(t) assert(count() == before)
