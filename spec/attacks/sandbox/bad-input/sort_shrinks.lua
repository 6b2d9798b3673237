-- expect: ok
local t = { 5, 4, 3, 2, 1, 6, 7, 8 } pcall(table.sort, t, function(a, b) for i = 1, 8 do t[i] = nil end return a < b end)
