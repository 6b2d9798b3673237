-- expect: ok
local s = 'abc' assert(s:sub(math.mininteger, math.maxinteger) == 'abc' and s:sub(math.maxinteger) == '' and s:byte(math.mininteger) == nil)
