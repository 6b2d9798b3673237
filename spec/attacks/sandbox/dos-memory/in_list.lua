-- expect: ok|error|timeout
-- timeout-ms: 100
local t = {} for i = 1, 2^20 do t[i] = i end return db.note.count({ where = { id = { ['in'] = t } } })
