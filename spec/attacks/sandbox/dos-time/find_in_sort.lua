-- expect: timeout
-- timeout-ms: 100
table.sort({ 3, 1, 2 }, function() ('a'):rep(40):find(('a-'):rep(40) .. 'b') end)
