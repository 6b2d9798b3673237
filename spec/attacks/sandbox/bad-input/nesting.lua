-- expect: ok
assert(load('return ' .. ('('):rep(10000)) == nil) assert(load('return ' .. ('{'):rep(10000)) == nil) assert(load(('do '):rep(10000)) == nil) assert(load('return ' .. ('-'):rep(100000) .. '1') == nil or true)
