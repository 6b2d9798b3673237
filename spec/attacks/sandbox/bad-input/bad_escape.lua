-- expect: error
local x = '\q'
