-- expect: ok
-- never: escaped
assert, error, type = nil, nil, nil
local f = load
if f('return io')() ~= nil then print('escaped') end
