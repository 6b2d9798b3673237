-- expect: error memory|timeout
-- timeout-ms: 100
local t = {} while true do t[#t + 1] = coroutine.create(function() coroutine.yield(("x"):rep(1000)) end) coroutine.resume(t[#t]) end
