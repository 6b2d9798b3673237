-- expect: ok|error|timeout
-- timeout-ms: 100
local json = require('json')
local s = '[' .. ('[],'):rep(2^18) .. '[]]' pcall(json.decode, s)
