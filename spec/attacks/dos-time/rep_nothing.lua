-- expect: ok
return #(''):rep((1 << 63) - 1)
