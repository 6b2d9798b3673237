-- expect: ok
-- never: /src/
local ok, message = pcall(error, 'x', 1)
local _, trace = xpcall(function() error('y') end, function(m) return m end)
print(message, trace, select(2, load('x =')))
