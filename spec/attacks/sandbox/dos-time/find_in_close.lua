-- expect: timeout
-- timeout-ms: 100
do local c <close> = setmetatable({}, { __close = function() ('a'):rep(40):find(('a-'):rep(40) .. 'b') end }) end
