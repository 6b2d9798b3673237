-- expect: timeout|error
-- timeout-ms: 100
local json = require('json') local t = { 1 } for i = 1, 60 do t = { t, t } end json.encode(t)
