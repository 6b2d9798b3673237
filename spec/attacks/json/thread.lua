-- expect: error
return { coroutine.create(print) }
