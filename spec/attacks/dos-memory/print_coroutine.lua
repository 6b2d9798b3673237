-- expect: output
coroutine.wrap(function() while true do pcall(print, ('x'):rep(1000)) end end)()
