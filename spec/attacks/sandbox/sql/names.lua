-- expect: ok
for _, name in ipairs({ '"', "id'--", 'id; DROP TABLE Note', 'rowid', 'sqlite_master', '' }) do assert(not pcall(db.note.findMany, { where = { [name] = 1 } })) assert(not pcall(db.note.findMany, { orderBy = { [name] = 'asc' } })) assert(not pcall(db.note.findMany, { select = { [name] = true } })) end
