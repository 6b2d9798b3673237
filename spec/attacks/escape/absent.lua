-- expect: ok
for _, name in ipairs({ 'debug', 'package', 'dofile', 'loadfile', 'module', 'setfenv', 'getfenv', 'newproxy', 'gcinfo' }) do
  assert(_G[name] == nil, name)
end
for _, name in ipairs({ 'execute', 'exit', 'getenv', 'remove', 'rename', 'tmpname', 'setlocale' }) do
  assert(os[name] == nil, name)
end
for _, name in ipairs({ 'popen', 'write', 'lines', 'read', 'output', 'input', 'tmpfile', 'stdout', 'stderr' }) do
  assert(io[name] == nil, name)
end
assert(string.dump == nil and ('').dump == nil)
