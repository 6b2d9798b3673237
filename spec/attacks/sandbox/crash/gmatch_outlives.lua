-- expect: ok|error
local f = ('abc'):gmatch('.') collectgarbage() assert(f() == 'a') collectgarbage() assert(f() == 'b') assert(coroutine.wrap(f)() == 'c')
