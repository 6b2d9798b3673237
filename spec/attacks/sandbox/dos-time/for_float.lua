-- expect: timeout
-- timeout-ms: 100
for i = 1, math.huge do end
