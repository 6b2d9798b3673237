-- expect: ok
assert(db.note.count({ where = { text = 'left' } }) == 0)
