-- expect: ok
local thread = coroutine.create(function() db.transaction(function() db.note.create({ data = { text = 'left' } }) coroutine.yield() end) end) print(coroutine.resume(thread))
