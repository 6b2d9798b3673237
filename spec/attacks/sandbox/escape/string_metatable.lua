-- expect: ok
assert(getmetatable('') == false)
assert(not pcall(setmetatable, '', {}))
assert(not pcall(function() getmetatable('').__index = nil end))
string.upper = function() return 'mine' end
assert(('a'):upper() == 'A')
