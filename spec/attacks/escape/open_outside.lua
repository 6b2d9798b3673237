-- expect: ok
-- never: the-secret
for _, path in ipairs({ '/etc/passwd', '../victim/seed/scripts/init.lua', '../../x', 'a/../../x', '\0', 'init.lua\0', '.', '', '\\', '~' }) do
  assert(io.open(path) == nil, path)
end
assert(io.open('init.lua', 'w') == nil)
assert(io.open('init.lua', 'r+') == nil)
assert(io.open('init.lua', 'a') == nil)
