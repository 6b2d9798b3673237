-- expect: ok
for _, name in ipairs({ 'io', 'os', 'sandbox', 'ctx', 'log', 'test', 'ui', 'package', 'debug', '../x', '/etc/passwd', 'db.create', 'json\0x', '', 'stdlib/json', 'prelude' }) do
  assert(not pcall(require, name), name)
end
assert(not pcall(require) and not pcall(require, {}) and not pcall(require, 1))
