-- expect: ok|error
local t = {} t[t] = t pcall(db.note.create, t) pcall(db.note.create, { data = t })
