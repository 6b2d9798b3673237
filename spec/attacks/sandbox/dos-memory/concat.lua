-- expect: error memory
local t = {} local x = ('x'):rep(2^16) for i = 1, 2^12 do t[i] = x end table.concat(t)
