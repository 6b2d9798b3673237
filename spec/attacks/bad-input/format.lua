-- expect: ok
assert(not pcall(string.format, '%', 1))
assert(not pcall(string.format, '%999d', 1))
assert(not pcall(string.format, '%y', 1))
assert(not pcall(string.pack, 'i17', 1))
assert(not pcall(string.unpack, 'i8', 'x'))
assert(not pcall(string.pack, '!17i', 1))
