-- expect: timeout|error
-- timeout-ms: 100
local kept = {} while true do local ok = pcall(function() while true do kept[#kept + 1] = ('x'):rep(100000) .. #kept end end) if not ok then kept = {} end end
