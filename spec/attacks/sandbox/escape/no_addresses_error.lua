-- expect: error
-- never: 0x
error(setmetatable({}, { __name = 'Thing' }))
