-- expect: timeout
-- timeout-ms: 100
while true do coroutine.resume(coroutine.create(function() while true do pcall(error) end end)) end
