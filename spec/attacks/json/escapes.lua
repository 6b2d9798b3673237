-- expect: error
-- One byte becomes six.
local t, part = {}, ('\1'):rep(1 << 20)
for i = 1, 100 do t[i] = part end
json.encode(t)
