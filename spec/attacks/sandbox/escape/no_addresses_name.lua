-- expect: ok
-- never: 0x
print(setmetatable({}, { __name = 'Thing' }), tostring(setmetatable({}, { __name = 'Other' })))
