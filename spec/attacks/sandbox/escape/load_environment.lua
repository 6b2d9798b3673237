-- expect: ok
local seen = load('return _ENV')()
assert(seen == _G and seen.io == nil and seen.os == nil and seen.debug == nil)
local own = {}
assert(load('x = 1 return _ENV', 'n', 't', own)() == own and own.x == 1 and _G.x == nil)
assert(load('return print', 'n', 't', {})() == nil)
assert(not pcall(load('return print', 'n', 't', nil)))
