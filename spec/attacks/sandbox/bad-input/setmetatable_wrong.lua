-- expect: ok
assert(not pcall(setmetatable, 1, {})) assert(not pcall(setmetatable, {})) assert(not pcall(setmetatable, setmetatable({}, { __metatable = 1 }), {}))
