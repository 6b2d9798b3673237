-- expect: timeout
pcall(function()
  local t <close> = setmetatable({}, { __close = function() while true do end end })
  error('x')
end)
