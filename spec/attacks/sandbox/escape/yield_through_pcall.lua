-- expect: error attempt to yield
error(select(2, pcall(coroutine.yield, 'out')), 0)
