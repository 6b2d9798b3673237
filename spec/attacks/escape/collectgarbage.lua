-- expect: ok
for _, what in ipairs({ 'stop', 'restart', 'generational', 'incremental', 'setpause', 'isrunning', 'x' }) do
  assert(not pcall(collectgarbage, what), what)
end
assert(type(collectgarbage('count')) == 'number')
