-- expect: ok
for _, v in ipairs({ 1, 'x', true, print }) do assert(not pcall(db.note.create, v)) assert(not pcall(db.note.findMany, v)) end
