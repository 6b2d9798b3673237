-- expect: timeout|error
-- timeout-ms: 100
while true do load('return "' .. ('\\x41'):rep(2^18) .. '"') end
