-- expect: ok
assert(not pcall(select, 0)) assert(not pcall(select, -5)) assert(select(math.maxinteger, 1) == nil)
