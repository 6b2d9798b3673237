-- expect: ok
for _, value in ipairs({ 1, true, {}, print }) do
  assert(json.decode(value) == nil)
end
assert(json.decode(nil) == nil)
assert(not pcall(json.encode, print))
assert(not pcall(json.array, 1))
assert(not pcall(json.object, 'x'))
