-- expect: timeout
while true do
  local co = coroutine.create(function() while true do coroutine.yield() end end)
  for i = 1, 100 do coroutine.resume(co) end
end
