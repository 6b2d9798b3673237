-- expect: timeout
-- timeout-ms: 100
('a'):rep(60):gsub(('a*'):rep(30) .. 'b', '')
