-- expect: error
local x = 'abc
