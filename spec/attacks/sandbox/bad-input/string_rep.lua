-- expect: ok
assert(('x'):rep(-1) == '' and ('x'):rep(0) == '' and ('x'):rep(math.mininteger) == '')
