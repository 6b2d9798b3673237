-- expect: timeout
-- timeout-ms: 100
('a '):rep(2^18):find('%f[%a][' .. ('b'):rep(2^16) .. ']')
