-- expect: error memory
local s = ('x'):rep(2^20, ('y'):rep(2^12))
