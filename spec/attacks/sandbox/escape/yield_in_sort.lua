-- expect: ok
local thread = coroutine.create(function() table.sort({ 3, 2, 1 }, function() coroutine.yield() end) end)
local ok, message = coroutine.resume(thread)
assert(not ok and message:find('yield'))
