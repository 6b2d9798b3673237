-- expect: ok
assert(getmetatable('') == false)
assert(not pcall(setmetatable, '', {}))
assert(not pcall(rawset, '', 'x', 1))
assert(not pcall(function()
  ('').x = 1
end))
