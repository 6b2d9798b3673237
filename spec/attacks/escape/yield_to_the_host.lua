-- expect: error attempt to yield from outside a coroutine
coroutine.yield(1, 2, 3)
