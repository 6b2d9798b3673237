-- expect: ok
print('\xff\0\27[31m')
