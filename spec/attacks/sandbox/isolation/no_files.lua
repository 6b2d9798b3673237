-- expect: ok
assert(not pcall(require('json').load, 'package.json') and io == nil)
