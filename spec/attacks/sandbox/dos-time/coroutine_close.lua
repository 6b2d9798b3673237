-- expect: timeout
-- timeout-ms: 100
while true do local t = coroutine.create(function() local c <close> = setmetatable({}, { __close = function() while true do end end }) coroutine.yield() end) coroutine.resume(t) coroutine.close(t) end
