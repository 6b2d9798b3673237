-- expect: ok
assert(('').leak == nil) string.leak = 1 assert(('').leak == nil)
