-- expect: error output
db.transaction(function(tx) tx.note.create({ data = { text = 'never' } }) while true do print(('x'):rep(10000)) end end)
