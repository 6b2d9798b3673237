-- expect: ok
-- never: 0x
assert(not pcall(string.format, '%p', {}) and not pcall(string.format, '%10p', {}) and not pcall(string.format, '%%%-9p', {}))
assert(not pcall(function() return ('%p'):format({}) end))
print(('%s %10s %q'):format({}, print, 'x'), ('%s'):format(coroutine.running()))
