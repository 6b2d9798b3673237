-- expect: ok|error
local s = ('a'):rep(100) local n = 0 s:gsub('a', function() n = n + 1 s = nil collectgarbage() return 'b' end) assert(n == 100)
