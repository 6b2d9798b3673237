-- expect: timeout
-- timeout-ms: 100
coroutine.wrap(function() ('a'):rep(40):find(('a-'):rep(40) .. 'b') end)()
