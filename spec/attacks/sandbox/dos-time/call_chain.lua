-- expect: timeout|error
-- timeout-ms: 100
local t = setmetatable({}, {}) getmetatable(t).__call = t t()
