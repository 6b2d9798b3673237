-- expect: error output
while true do coroutine.wrap(print)(("x"):rep(10000)) end
