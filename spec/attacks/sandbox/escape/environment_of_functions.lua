-- expect: ok
for _, f in ipairs({ require, load, print, pcall, xpcall, setmetatable, tostring, coroutine.wrap, string.format, collectgarbage }) do
  assert(type(f) == 'function')
  assert(not pcall(function() return f.x end))
  assert(getmetatable(f) == nil)
end
