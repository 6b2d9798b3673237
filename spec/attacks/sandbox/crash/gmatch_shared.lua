-- expect: ok|error
local f = ('abcdef'):gmatch('()') local t = {} for i = 1, 3 do t[i] = coroutine.wrap(f)() end assert(t[3] == 3)
