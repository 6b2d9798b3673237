-- expect: error nested deeper
local t = {}
for i = 1, 10000 do t = { t } end
json.encode(t)
