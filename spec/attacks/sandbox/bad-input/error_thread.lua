-- expect: error
-- never: 0x
error(coroutine.create(print))
