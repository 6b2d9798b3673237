-- expect: timeout
local co = coroutine.create(function()
  local t <close> = setmetatable({}, { __close = function() while true do end end })
  error('x')
end)
coroutine.resume(co)
coroutine.close(co)
