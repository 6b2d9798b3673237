-- expect: ok
assert(math.mininteger // -1 == math.mininteger)
assert(math.mininteger % -1 == 0)
assert(not pcall(function() return 1 // 0 end))
assert(not pcall(function() return 1 % 0 end))
for i = math.maxinteger - 1, math.maxinteger do end
assert(not pcall(function() for i = 1, 10, 0 do end end))
