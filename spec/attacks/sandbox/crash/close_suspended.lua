-- expect: ok|error
local closed = 0 local t = coroutine.create(function() local c <close> = setmetatable({}, { __close = function() closed = closed + 1 end }) coroutine.yield() end) coroutine.resume(t) coroutine.close(t) assert(closed == 1)
