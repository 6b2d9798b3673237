-- expect: ok
assert(math.mininteger // -1 == math.mininteger and math.mininteger % -1 == 0) assert(not pcall(function() return 1 // 0 end) and not pcall(function() return 1 % 0 end))
