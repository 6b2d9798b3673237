-- expect: ok
assert(not pcall(next, {}, 'x')) assert(not pcall(rawset, {}, nil, 1)) assert(not pcall(rawset, {}, 0 / 0, 1))
