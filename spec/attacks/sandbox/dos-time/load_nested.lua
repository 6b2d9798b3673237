-- expect: timeout
-- timeout-ms: 100
while true do load('return ' .. ('('):rep(180) .. '1' .. (')'):rep(180)) end
