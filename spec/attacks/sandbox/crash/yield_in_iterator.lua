-- expect: ok|error
local t = coroutine.wrap(function() for x in function() return coroutine.yield(1) end do end end) t() t()
