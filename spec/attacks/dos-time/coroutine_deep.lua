-- expect: timeout
local function deep(n)
  if n == 0 then while true do end end
  return coroutine.wrap(function() return deep(n - 1) end)()
end
deep(100)
