-- expect: timeout
-- timeout-ms: 100
('a'):rep(60):match(('.-'):rep(30) .. 'b')
