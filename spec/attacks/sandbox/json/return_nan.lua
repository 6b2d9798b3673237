-- expect: error
local json = require('json')
return 0 / 0
