-- expect: output
print(('x'):rep(1 << 20))
