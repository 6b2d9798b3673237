-- expect: ok
assert(not pcall(db.note.deleteMany, {})) assert(not pcall(db.note.deleteMany, { where = {} })) assert(not pcall(db.note.updateMany, { data = { text = 'x' } }))
