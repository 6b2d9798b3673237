-- expect: error
assert(load(('('):rep(100000)))
