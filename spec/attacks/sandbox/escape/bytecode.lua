-- expect: ok
local head = '\27Lua\x54\0\x19\x93\r\n\x1a\n\4\8\8'
for _, mode in ipairs({ 'b', 'bt', 't', 'x', '' }) do
  local chunk, message = load(head, 'x', mode)
  assert(chunk == nil and type(message) == 'string')
end
assert(load(function() local piece = head head = nil return piece end, 'x', 'b') == nil)
