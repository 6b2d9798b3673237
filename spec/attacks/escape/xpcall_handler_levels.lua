-- expect: ok
local seen
xpcall(function() error('x') end, function(problem)
  seen = problem
  for level = 1, 20 do
    assert(debug == nil)
  end
end)
assert(seen:find('x'))
