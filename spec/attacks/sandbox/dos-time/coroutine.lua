-- expect: timeout
-- timeout-ms: 100
coroutine.wrap(function() while true do end end)()
