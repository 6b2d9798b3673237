-- expect: error memory
string.pack('c1000000000', '')
