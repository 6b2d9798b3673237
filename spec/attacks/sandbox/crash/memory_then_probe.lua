-- expect: ok|error
for i = 1, 20 do pcall(string.rep, 'x', 2^28) end local t = {} for i = 1, 1000 do t[i] = {} end assert(#t == 1000)
