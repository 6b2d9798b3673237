-- expect: error
local json = require('json')
return '\xff\xfe'
