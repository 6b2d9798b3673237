-- expect: timeout|error
-- timeout-ms: 100
local t = print for i = 1, 100000 do t = setmetatable({}, { __call = t }) end while true do t() end
