-- expect: ok|error
local function f() return pcall(require, setmetatable({}, { __tostring = f })) end f()
