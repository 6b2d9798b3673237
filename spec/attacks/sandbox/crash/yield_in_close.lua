-- expect: ok|error
local t = coroutine.wrap(function() local c <close> = setmetatable({}, { __close = function() coroutine.yield(1) end }) end) t() t()
