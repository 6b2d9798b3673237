-- expect: ok
assert(not pcall(db.note.findMany, { take = 2^63 })) assert(not pcall(db.note.findMany, { take = 0 / 0 })) assert(not pcall(db.note.findMany, { skip = -1 }))
