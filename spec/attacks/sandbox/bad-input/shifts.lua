-- expect: ok
assert(1 << 64 == 0 and 1 >> -64 == 0 and -1 >> 63 == 1 and 1 << math.maxinteger == 0)
