-- expect: ok
assert(not pcall(db.note.findMany, { where = { text = { raw = '1=1' } } })) assert(not pcall(db.note.findMany, { where = { text = function() end } }))
