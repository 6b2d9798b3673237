-- expect: ok
-- Whatever the host raises, nothing of it can be reached.
local probes = {
  function() return require('id').nanoid('x') end,
  function() return require('id').nanoid({}) end,
  function() return require('time').iso('x') end,
  function() return require('time').parse({}) end,
  function() return require('log').info({}, 1) end,
  function() return json.load({}) end,
  function() return json.encode(print) end,
  function() return require('text').trim({}) end,
  function() return require('db').note.create(1) end,
  function() return require('db').note.findMany({ where = print }) end,
  function() return require('ctx').x end,
}
for number, probe in ipairs(probes) do
  local ok, problem = pcall(probe)
  if not ok then
    assert(type(problem) ~= 'userdata' or not getmetatable(problem), number)
    assert(type(problem) == 'string' or type(problem) == 'table', number .. ': ' .. type(problem))
    if type(problem) == 'table' then
      assert(not getmetatable(problem), number)
    end
  end
end
