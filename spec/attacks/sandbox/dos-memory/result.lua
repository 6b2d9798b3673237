-- expect: error
return ('x'):rep(2^24)
