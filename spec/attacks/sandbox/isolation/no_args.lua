-- expect: ok
assert(args == nil or #args == 0) assert(select('#', ...) == 0)
