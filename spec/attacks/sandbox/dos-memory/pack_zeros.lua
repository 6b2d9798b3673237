-- expect: error memory
string.pack('!16 s8', ('x'):rep(2^25)) string.rep('x', 2^28)
