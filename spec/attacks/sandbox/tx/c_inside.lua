-- expect: timeout|error
-- timeout-ms: 100
db.transaction(function(tx) tx.note.create({ data = { text = 'never' } }) local t = setmetatable({}, {}) getmetatable(t).__call = t t() end)
