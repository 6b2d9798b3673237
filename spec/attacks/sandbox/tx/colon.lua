-- expect: ok
assert(not pcall(function() return db:transaction(function() end) end)) assert(not pcall(function() return db.note:create({ data = { text = 'tx' } }) end))
