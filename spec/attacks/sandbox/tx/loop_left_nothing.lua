-- expect: ok
assert(db.note.count({ where = { text = 'never' } }) == 0)
