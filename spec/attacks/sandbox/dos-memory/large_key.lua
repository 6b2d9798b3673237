-- expect: error memory
local t = {} t[('x'):rep(2^30)] = 1
