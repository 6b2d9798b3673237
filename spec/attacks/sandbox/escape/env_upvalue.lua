-- expect: ok
local function f() return io end
local _ENV = { assert = assert, f = f, getmetatable = getmetatable }
assert(f() == nil)
