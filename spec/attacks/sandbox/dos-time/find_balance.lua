-- expect: timeout
-- timeout-ms: 100
('('):rep(2^21):find('%b()')
