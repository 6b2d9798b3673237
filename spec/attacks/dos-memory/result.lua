-- expect: error
local t, part = {}, ('x'):rep(1 << 20)
for i = 1, 100 do t[i] = part end
return t
