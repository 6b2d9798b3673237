-- expect: error memory
(('x'):rep(2^16)):gsub('x', ('y'):rep(2^12))
