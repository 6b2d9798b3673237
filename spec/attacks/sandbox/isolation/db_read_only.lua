-- expect: ok
assert(not pcall(function() db.note = nil end)) assert(not pcall(function() db.note.create = nil end)) assert(not pcall(rawset, db.note.create, 1, 2)) assert(getmetatable(db) == false and getmetatable(db.note) == false)
