-- expect: ok|timeout
-- timeout-ms: 100
local t = setmetatable({}, { __mode = "v" }) for i = 1, 2^20 do t[i] = {} end return "ok"
