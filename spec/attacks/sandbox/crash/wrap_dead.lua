-- expect: ok|error
local w = coroutine.wrap(function() end) w() pcall(w)
