-- expect: timeout
-- A coroutine that was made long before the time is over.
local co = coroutine.create(function()
  coroutine.yield()
  while true do pcall(function() while true do end end) end
end)
coroutine.resume(co)
pcall(coroutine.resume, co)
while true do end
