-- expect: ok
-- A script may answer a refusal of memory; it gets no more for it.
for i = 1, 3 do
  local ok, message = pcall(string.rep, 'x', 1 << 30)
  assert(not ok and message == 'not enough memory')
end
assert(collectgarbage('count') < 32 * 1024)
