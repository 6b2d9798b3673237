-- expect: ok|timeout|error
-- timeout-ms: 100
local w = { id = 1 } for i = 1, 60 do w = { AND = { w, w } } end pcall(db.note.findMany, { where = w })
