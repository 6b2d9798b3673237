-- expect: ok|error
local t t = coroutine.create(function() return coroutine.resume(t) end) print(coroutine.resume(t))
