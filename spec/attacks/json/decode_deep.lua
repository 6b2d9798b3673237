-- expect: ok
assert(json.decode(('['):rep(1000000)) == nil)
assert(json.decode(('{"a":'):rep(100000)) == nil)
