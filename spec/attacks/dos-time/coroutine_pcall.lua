-- expect: timeout
local co = coroutine.create(function() while true do pcall(error) end end)
while true do coroutine.resume(co) end
