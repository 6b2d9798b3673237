-- expect: ok
local victim = require('victim')
for key, value in pairs(victim) do
  victim[key] = nil
end
assert(next(victim) == nil)
