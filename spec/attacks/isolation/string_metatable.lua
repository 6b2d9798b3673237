-- expect: ok
local metatable = getmetatable('')
assert(metatable == false)
string.format = nil
string.rep = function() return 'hacked' end
