-- expect: ok
local w = { id = 1 } for i = 1, 100000 do w = { NOT = w } end assert(not pcall(db.note.findMany, { where = w }))
