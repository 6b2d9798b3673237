-- expect: ok
assert(not pcall(function() return db.begin() end) and not pcall(function() return db.commit() end))
