-- expect: error|ok
local json = require('json') local s = '[' .. ('{},'):rep(2^20) .. '{}]' json.decode(s)
