-- expect: error|timeout
-- timeout-ms: 100
load(('local x = {} '):rep(2^22))
