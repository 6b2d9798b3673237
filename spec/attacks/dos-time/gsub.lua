-- expect: timeout
('x'):gsub('.', function() while true do end end)
