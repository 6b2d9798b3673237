-- expect: ok|error
local t = coroutine.wrap(function() pcall(coroutine.yield, 1) return pcall(pcall, coroutine.yield, 2) end) t() t() t()
