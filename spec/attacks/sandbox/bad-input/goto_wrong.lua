-- expect: ok
assert(load('goto nowhere') == nil and load('::a:: ::a::') == nil and load('break') == nil)
