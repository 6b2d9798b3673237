-- expect: ok
assert(not pcall(function() return db.explain(function() end) end))
