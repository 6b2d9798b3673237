-- expect: timeout
local f = coroutine.wrap(function()
  local t <close> = setmetatable({}, { __close = function() while true do end end })
  error('x')
end)
pcall(f)
