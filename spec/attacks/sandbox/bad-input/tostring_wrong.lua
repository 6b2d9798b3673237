-- expect: ok
assert(not pcall(tostring, setmetatable({}, { __tostring = function() return {} end }))) assert(not pcall(print, setmetatable({}, { __tostring = function() end })))
