-- expect: ok
for _, what in ipairs({ 'stop', 'restart', 'generational', 'incremental', 'setpause', 'setstepmul', 'isrunning' }) do
  assert(not pcall(collectgarbage, what), what)
end
assert(type(collectgarbage('count')) == 'number')
