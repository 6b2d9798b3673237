-- expect: error
string.byte(('x'):rep(2^22), 1, -1)
