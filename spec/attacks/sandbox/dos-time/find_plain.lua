-- expect: timeout
-- timeout-ms: 100
while true do local s = ('a'):rep(2^20) s:find(('a'):rep(2^19) .. 'b', 1, true) end
