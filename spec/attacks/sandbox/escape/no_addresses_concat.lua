-- expect: ok
-- never: 0x
local ok, message = pcall(function() return 'x' .. {} end) print(message)
print(pcall(table.concat, { {} }))
print(pcall(ipairs))
