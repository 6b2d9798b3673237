-- expect: ok
local s = (''):rep(2^53) assert(s == '') assert(not pcall(string.rep, 'x', math.maxinteger)) assert((''):rep(math.maxinteger, '') == '')
