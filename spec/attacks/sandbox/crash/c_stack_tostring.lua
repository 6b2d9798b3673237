-- expect: ok|error
local t t = setmetatable({}, { __tostring = function() return tostring(t) end }) pcall(tostring, t) pcall(print, t)
