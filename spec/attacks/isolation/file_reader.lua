-- expect: ok
local file = assert(io.open('init.lua'))
assert(getmetatable(file) == false)
file.read = function() return 'hacked' end
local other = assert(io.open('init.lua'))
assert(other:read('l') ~= 'hacked')
assert(not pcall(setmetatable, file, {}))
