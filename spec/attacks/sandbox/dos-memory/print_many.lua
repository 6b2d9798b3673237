-- expect: ok|error
print(table.unpack((function() local t = {} for i = 1, 200000 do t[i] = "x" end return t end)()))
