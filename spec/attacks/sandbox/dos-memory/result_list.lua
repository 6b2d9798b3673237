-- expect: ok|error
local t = {} for i = 1, 2^20 do t[i] = i end return t
