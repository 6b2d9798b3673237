-- expect: timeout
-- timeout-ms: 100
xpcall(error, function() while true do end end)
