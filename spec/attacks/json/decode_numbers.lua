-- expect: ok
assert(json.decode('1e400') == math.huge or json.decode('1e400') == nil)
assert(math.type(json.decode('9223372036854775807')) == 'integer')
assert(json.decode('99999999999999999999') ~= 99999999999999999999 // 1 or true)
assert(json.decode(('9'):rep(100000)) or true)
