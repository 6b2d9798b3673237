-- expect: ok
-- A function runs in the environment that it was written in, whoever calls it.
hacked = true
assert(require('victim').apply(function() return hacked end) == true)
assert(require('victim').apply(load('return hacked')) == true)
assert(require('victim').apply(load, 'return hacked')() == true)
