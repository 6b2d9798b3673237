-- expect: error
local function f() return select(2, pcall(f)) or error('bottom') end
local r = f()
error('out again')
