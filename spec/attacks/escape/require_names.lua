-- expect: ok
for _, name in ipairs({
  '../victim', '..', '/etc/passwd', 'victim/../../x', 'attack\0.lua', '\0', '', '.', '...', 'db\0x', 'a..b', 'C:\\x',
  'debug', 'package', 'os', 'io', 'ffi', 'socket', 'prelude', 'stdlib.prelude', ('x'):rep(100000), '\xff', '_G', '\27[31m',
}) do
  local ok, found = pcall(require, name)
  assert(not ok, name)
  assert(not tostring(found):find('/root/', 1, true), found)
end
for _, value in ipairs({ 1, {}, print, true }) do
  assert(not pcall(require, value))
end
