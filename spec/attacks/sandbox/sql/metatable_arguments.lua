-- expect: ok
assert(not pcall(db.note.findMany, setmetatable({}, { __index = { where = {} } }))) assert(not pcall(db.note.findMany, { where = setmetatable({}, { __pairs = function() while true do end end }) }))
