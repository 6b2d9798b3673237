-- expect: ok|error
assert(not pcall(db.note.count, { where = { text = { contains = ('%a'):rep(3000) } } }))
