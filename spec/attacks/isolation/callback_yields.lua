-- expect: ok
local co = coroutine.wrap(function()
  require('victim').apply(coroutine.yield, 1)
  return 2
end)
assert(co() == 1 and co() == 2)
