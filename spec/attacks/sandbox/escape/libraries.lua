-- expect: ok
for _, name in ipairs({ 'io', 'os', 'debug', 'package', 'dofile', 'loadfile', 'loadstring', 'arg', 'ffi', 'jit', 'newproxy', 'module' }) do
  assert(_G[name] == nil, name)
end
