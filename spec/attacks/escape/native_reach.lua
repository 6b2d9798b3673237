-- expect: ok
-- The standard modules hand out nothing of the host's own.
for _, name in ipairs({ 'db', 'json', 'ctx', 'time', 'id', 'log', 'text', 'list', 'check', 'ui' }) do
  local module = require(name)
  for key, value in next, module do
    assert(key ~= 'native' and key ~= 'metatable' and key ~= 'setmetatable', name)
  end
end
assert(native == nil and rawget(_G, 'handler') == nil)
