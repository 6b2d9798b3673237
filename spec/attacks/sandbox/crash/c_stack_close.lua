-- expect: ok|error
local function f() local c <close> = setmetatable({}, { __close = f }) end pcall(f)
