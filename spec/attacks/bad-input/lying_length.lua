-- expect: ok
local liar = setmetatable({}, { __len = function() return 1 << 40 end })
assert(not pcall(table.concat, liar))
assert(not pcall(table.unpack, liar))
assert(not pcall(table.sort, liar, function() return false end))
assert(not pcall(table.concat, setmetatable({}, { __len = function() return 'x' end })))
assert(not pcall(ipairs))
