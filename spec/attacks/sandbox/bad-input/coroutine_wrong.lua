-- expect: ok
assert(not pcall(coroutine.wrap, 1)) assert(not pcall(coroutine.resume, 1)) local t = coroutine.create(print) coroutine.resume(t) assert(not coroutine.resume(t)) assert(coroutine.close(t))
