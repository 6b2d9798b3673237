-- What must go well after every attack.
assert(leak == nil and string.leak == nil and table.concat({ 1, 2 }, '-') == '1-2' and ('x'):upper() == 'X')
assert(collectgarbage('count') < 8192)
if db then
  assert(type(db.note.count()) == 'number')
end
print('sound')
