-- expect: error
local json = require('json')
return print
