-- expect: ok
local chunk, message = load('\27LuaS\0')
assert(chunk == nil and message:find('binary'))
assert(load('\27Lua', 'x', 'b') == nil)
assert(load('\27Lua', 'x', 'bt') == nil)
local pieces = { '\27', 'Lua' }
assert(load(function()
  return table.remove(pieces, 1)
end) == nil)
