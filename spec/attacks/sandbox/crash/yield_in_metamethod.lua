-- expect: ok|error
local t = coroutine.wrap(function() return setmetatable({}, { __index = function() return coroutine.yield(1) end }).x end) t() t()
