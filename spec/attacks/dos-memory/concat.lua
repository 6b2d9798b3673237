-- expect: memory
local t = {}
local part = ('x'):rep(1 << 20)
for i = 1, 1000 do t[i] = part end
local s = table.concat(t)
