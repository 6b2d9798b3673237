-- expect: timeout
-- timeout-ms: 100
('('):rep(2^20):gsub('%b()', '')
