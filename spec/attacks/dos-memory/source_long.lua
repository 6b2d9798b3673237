-- expect: memory
local t = {}
for i = 1, 200000 do t[i] = 'x' .. i .. '=1 ' end
local text = table.concat(t)
local kept = {}
while true do kept[#kept + 1] = load(text) or text .. #kept end
