-- expect: ok
for n = 1, 60 do local t = {} for i = 1, n do t[i] = math.random(100) end pcall(table.sort, t, function() return math.random(2) == 1 end) end
