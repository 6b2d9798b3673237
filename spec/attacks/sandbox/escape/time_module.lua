-- expect: ok
local time = require('time') assert(type(time.now()) == 'number') assert(time.sleep == nil and time.exec == nil)
