-- expect: ok
-- never: the-secret
local object = require('victim').locked()
assert(getmetatable(object) == false)
assert(not pcall(setmetatable, object, {}))
assert(object.secret == nil)
