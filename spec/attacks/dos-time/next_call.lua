-- expect: ok
-- What a stopped call leaves behind does not stop the next one.
local co = coroutine.create(function() while true do coroutine.yield() end end)
for i = 1, 1000 do coroutine.resume(co) end
