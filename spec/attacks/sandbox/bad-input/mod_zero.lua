-- expect: ok
assert(not pcall(math.random, 0 / 0) and not pcall(math.random, 2, 1) and not pcall(math.tointeger)) assert(not pcall(math.random, 1, 2, 3)) assert(math.fmod(1, math.huge) == 1)
