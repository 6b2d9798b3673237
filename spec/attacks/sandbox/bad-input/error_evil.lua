-- expect: error
error(setmetatable({}, { __tostring = function() error('again') end, __index = function() error('again') end }))
