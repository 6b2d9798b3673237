-- expect: timeout
-- timeout-ms: 100
('a'):rep(2^16):find('[' .. ('b'):rep(2^16) .. ']')
