-- expect: ok
assert(collectgarbage('count') < 4096)
