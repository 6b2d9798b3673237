-- expect: timeout
-- timeout-ms: 100
while true do for _ in utf8.codes(('x'):rep(2^16)) do end end
