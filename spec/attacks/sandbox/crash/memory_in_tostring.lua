-- expect: ok|error
pcall(tostring, setmetatable({}, { __tostring = function() return ('x'):rep(2^28) end }))
