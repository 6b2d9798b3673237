-- expect: ok
pcall(utf8.char, 1 << 40)
assert(not pcall(utf8.char, -1))
assert(not pcall(utf8.codepoint, '\xff'))
assert(not utf8.len('\xff'))
pcall(utf8.offset, 'x', 1 << 60)
