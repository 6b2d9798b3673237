-- expect: ok|error
pcall(db.note.findMany, { where = { text = setmetatable({}, { __tostring = function() return db.note.count() end }) } })
