-- expect: ok
assert(not pcall(utf8.char, -1)) assert(not pcall(utf8.codepoint, 'x', 5)) assert(not pcall(utf8.offset, 'x', 1, 9)) assert(not pcall(utf8.char, 2^40))
