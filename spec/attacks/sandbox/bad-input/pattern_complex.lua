-- expect: ok
assert(not pcall(string.match, ('a'):rep(300000), ('a?'):rep(300000)))
