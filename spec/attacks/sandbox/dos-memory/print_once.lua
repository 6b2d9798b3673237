-- expect: error output
print(("x"):rep(2^21))
