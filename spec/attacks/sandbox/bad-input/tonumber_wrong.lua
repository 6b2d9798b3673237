-- expect: ok
assert(not pcall(tonumber, '1', 99)) assert(tonumber('0x') == nil and tonumber('1e') == nil and tonumber('') == nil) assert(not pcall(tonumber))
