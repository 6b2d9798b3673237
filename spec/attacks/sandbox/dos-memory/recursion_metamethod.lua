-- expect: error|timeout
-- timeout-ms: 100
local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k .. "x"] end return t.x
