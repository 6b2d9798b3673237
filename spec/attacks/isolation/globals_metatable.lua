-- expect: ok
setmetatable(_G, { __index = function() return 'hacked' end, __newindex = function() end })
x = 1
