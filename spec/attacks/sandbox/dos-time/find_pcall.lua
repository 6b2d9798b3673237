-- expect: timeout
-- timeout-ms: 100
while true do pcall(string.find, ('a'):rep(40), ('a-'):rep(40) .. 'b') end
