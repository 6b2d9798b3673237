-- expect: timeout
-- timeout-ms: 100
db.transaction(function(tx) tx.note.create({ data = { text = 'never' } }) while true do end end)
