-- expect: ok|error
local t t = coroutine.create(function() coroutine.close(t) end) print(coroutine.resume(t))
