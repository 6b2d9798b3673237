-- expect: error
error(setmetatable({}, { __index = error, __tostring = error, __metatable = error, __name = error }))
