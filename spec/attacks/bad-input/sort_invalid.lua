-- expect: ok
local t = {}
for i = 1, 1000 do t[i] = i % 7 end
pcall(table.sort, t, function() return true end)
assert(not pcall(table.sort, { 1, 'x', {} }))
assert(not pcall(table.sort, setmetatable({}, { __len = function() return 1 << 40 end })))
