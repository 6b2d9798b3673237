-- expect: ok
assert(type(db.note.count()) == 'number' and db.note.count() ~= 42)
