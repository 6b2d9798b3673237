-- expect: timeout|error
-- timeout-ms: 100
local s = ('\u{10ffff}'):rep(2^20) while true do utf8.len(s) end
