-- expect: ok
local n = db.note.count() db.note.create({ data = { text = "'); DROP TABLE Note; --" } }) assert(db.note.count() == n + 1)
