-- expect: ok
local one = require('victim')
one.marker = 1
local ok, loaded = pcall(require, 'package.loaded')
assert(not ok)
assert(require('victim') == one)
assert(require('json') == json and require('json').hacked == nil)
