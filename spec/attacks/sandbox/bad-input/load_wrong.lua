-- expect: ok
assert(not pcall(load, 1)) assert(not pcall(load)) assert(load(function() return 1 end) == nil or true) assert(not pcall(load, 'return 1', {}))
