-- expect: ok
string.hacked = function() return 'hacked' end
string.upper = function() return 'hacked' end
assert(('x').hacked == nil)
assert(('x'):upper() == 'X')
