-- expect: timeout
-- timeout-ms: 100
('a'):rep(40):find(('a-'):rep(40) .. 'b')
