-- expect: timeout
-- timeout-ms: 100
local s = ('1'):rep(200) while true do local _ = s + s end
