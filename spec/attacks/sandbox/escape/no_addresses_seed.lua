-- expect: ok
-- never: 0x
assert(math.randomseed() == nil) print(math.randomseed(1))
assert(select('#', math.randomseed()) == 0)
