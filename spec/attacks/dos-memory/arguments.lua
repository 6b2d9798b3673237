-- expect: error
local function f(...) return select('#', ...) end
local t = {}
for i = 1, 200000 do t[i] = i end
local function more(...) return (more(1, 2, 3, 4, 5, 6, 7, 8, ...)) end
return more(table.unpack(t))
