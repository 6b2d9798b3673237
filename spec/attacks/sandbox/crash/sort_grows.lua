-- expect: ok|error
local t = { 3, 2, 1 } pcall(table.sort, t, function(a, b) t[#t + 1] = 1 return a < b end)
