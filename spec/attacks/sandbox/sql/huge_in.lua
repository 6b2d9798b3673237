-- expect: ok|timeout|error
-- timeout-ms: 100
pcall(db.note.findMany, { where = { id = { ['in'] = (function() local t = {} for i = 1, 200000 do t[i] = i end return t end)() } } })
