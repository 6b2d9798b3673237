-- expect: timeout|error
-- timeout-ms: 100
while true do pcall(string.rep, 'x', 2^24) end
