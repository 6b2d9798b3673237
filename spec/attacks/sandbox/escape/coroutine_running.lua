-- expect: ok
local thread, main = coroutine.running()
assert(main == true and coroutine.isyieldable() == false)
assert(not pcall(coroutine.yield, 1))
assert(not pcall(coroutine.close, thread))
assert(coroutine.resume(thread) == false)
