-- expect: timeout
-- timeout-ms: 100
('a'):rep(2^20):find('[' .. ('b-c'):rep(2^18) .. ']')
