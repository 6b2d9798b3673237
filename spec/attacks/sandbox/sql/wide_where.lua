-- expect: ok|timeout|error
-- timeout-ms: 100
local w = {} for i = 1, 100000 do w[i] = { id = i } end pcall(db.note.findMany, { where = { OR = w } })
