-- expect: timeout
-- The error of a stop inside a comparator leaves a coroutine whose `__close` must not run.
coroutine.wrap(function()
  local t <close> = setmetatable({}, { __close = function() while true do end end })
  table.sort({ 3, 2, 1 }, function() while true do end end)
end)()
