-- expect: ok
-- never: 0x
print(tostring({}), tostring(print), tostring(coroutine.create(print)), {}, print, tostring(require('json').null))
assert(not tostring({}):find('0x') and tostring(_G) == tostring(_G) and tostring({}) ~= tostring({}))
