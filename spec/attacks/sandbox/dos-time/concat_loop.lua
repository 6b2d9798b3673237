-- expect: timeout
-- timeout-ms: 100
local s = '' while true do s = s .. 'x' if #s > 2^16 then s = '' end end
