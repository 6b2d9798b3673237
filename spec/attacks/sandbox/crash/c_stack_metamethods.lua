-- expect: ok|error
local m = {} m.__add = function(a, b) return a + b end local t = setmetatable({}, m) pcall(function() return t + t end) m.__tostring = tostring pcall(tostring, t)
