-- expect: error a table was raised
error(setmetatable({}, { __tostring = function() return {} end }))
