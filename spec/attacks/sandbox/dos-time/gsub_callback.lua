-- expect: timeout
-- timeout-ms: 100
('a'):rep(100):gsub('a', function() while true do end end)
