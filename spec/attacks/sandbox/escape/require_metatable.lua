-- expect: ok
assert(not pcall(require, setmetatable({}, { __tostring = function() return 'json' end, __eq = function() return true end })))
