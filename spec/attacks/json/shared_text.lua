-- expect: error
local t, part = {}, ('x'):rep(1 << 20)
for i = 1, 1000 do t[i] = part end
json.encode(t)
