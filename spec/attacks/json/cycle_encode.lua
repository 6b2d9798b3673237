-- expect: error a table that contains itself
local t = {}
t[1] = t
json.encode(t)
