-- expect: ok
assert(rawget(db, 'queryRaw') == nil and rawget(db, 'executeRaw') == nil)
