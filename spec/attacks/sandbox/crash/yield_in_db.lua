-- expect: ok|error
local t = coroutine.create(function() db.note.findMany({ where = setmetatable({}, { __index = coroutine.yield }) }) end) coroutine.resume(t)
