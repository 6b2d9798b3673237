-- expect: ok
local _, message = pcall(load('error("x")', '@/etc/passwd'))
assert(message == '/etc/passwd:1: x')
local f = assert(load('return 1', ('n'):rep(100000)))
assert(f() == 1)
assert(select(2, load('x x', '=\27[31m\0tail')))
