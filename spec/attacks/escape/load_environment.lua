-- expect: ok
assert(load('return _G')() == _G)
assert(load('return _ENV', 'x', 't', { 1 })()[1] == 1)
assert(load('return debug or package or native', 'x')() == nil)
assert(not pcall(load('return print(1)', 'x', 't', nil)))
local chunk = load('x = ...; return x', '@stdlib/prelude.lua')
assert(chunk(5) == 5 and x == 5)
x = nil
