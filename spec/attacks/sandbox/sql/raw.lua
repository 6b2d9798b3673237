-- expect: ok
assert(not pcall(function() return db.queryRaw('SELECT 1') end) and not pcall(function() return db.executeRaw('DELETE FROM Note') end))
