-- expect: error memory
db.transaction(function(tx) tx.note.create({ data = { text = 'never' } }) local s = 'x' while true do s = s .. s end end)
