-- expect: ok
local s = '\xff\xfe' assert(not utf8.len(s)) assert(not pcall(db.note.create, { data = { text = s } }))
