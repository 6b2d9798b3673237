-- expect: error memory
local s = ('x'):rep(2^30)
