-- expect: error memory
local s = ('%s'):rep(2^10):format(table.unpack((function() local t = {} local x = ('x'):rep(2^18) for i = 1, 2^10 do t[i] = x end return t end)()))
