-- expect: ok
assert(not pcall(string.find, 'x', '['))
assert(not pcall(string.find, 'x', '%'))
assert(not pcall(string.find, 'x', ('('):rep(100)))
assert(not pcall(string.find, ('x'):rep(300000), ('.-'):rep(300000) .. 'y'))
assert(not pcall(string.gsub, 'x', '.', '%9'))
