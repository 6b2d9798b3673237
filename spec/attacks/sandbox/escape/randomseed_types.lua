-- expect: ok
assert(not pcall(math.randomseed, 'x')) math.randomseed(7) local a = math.random(100) math.randomseed(7) assert(a == math.random(100))
