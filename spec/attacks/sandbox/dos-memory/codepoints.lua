-- expect: error
utf8.codepoint(('x'):rep(2^22), 1, -1)
