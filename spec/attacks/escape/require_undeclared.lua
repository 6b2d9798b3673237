-- expect: ok
local ok, message = pcall(require, 'forum_forge')
assert(not ok and type(message) == 'string')
