-- expect: ok
assert(not pcall(db.note.findMany, { orderBy = { id = 'asc; DROP TABLE Note' } }))
