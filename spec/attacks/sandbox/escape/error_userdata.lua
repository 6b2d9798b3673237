-- expect: ok
local ok, problem = pcall(require('json').decode, print)
assert(type(problem) ~= 'userdata')
assert(getmetatable(require('json').null) == false)
