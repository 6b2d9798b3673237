-- expect: timeout
-- timeout-ms: 100
('a'):rep(2^14):find('(a*)(a*)%1%2b')
