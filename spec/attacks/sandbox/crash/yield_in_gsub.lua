-- expect: ok|error
local t = coroutine.create(function() ('a'):gsub('a', coroutine.yield) end) assert(not coroutine.resume(t))
