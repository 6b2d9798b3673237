-- expect: ok|error
local t = {} for i = 1, 240 do t[i] = i end local function f(n, ...) if n > 0 then return f(n - 1, table.unpack(t)) end end f(100000)
