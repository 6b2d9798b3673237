-- expect: ok|error
string.char(table.unpack((function() local t = {} for i = 1, 200000 do t[i] = 65 end return t end)()))
