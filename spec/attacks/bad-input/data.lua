-- expect: ok
local db = require('db')
local cycle = {}
cycle.data = cycle
for number, data in ipairs({
  1, {}, { title = 1 }, { title = {} }, { title = print }, { title = json.null }, { title = '\xff' }, { title = 'x', count = '1' },
  { title = 'x', count = 1.5 }, { title = 'x', count = 0 / 0 }, { title = 'x', data = cycle },
  { title = 'x', data = { print } }, { title = 'x', nothing = 1 }, { title = 'x', id = 'x' }, { title = 'x', [1] = 1 },
  { title = 'x', data = { 0 / 0 } }, { title = setmetatable({}, { __tostring = function() return 'x' end }) },
}) do
  assert(not pcall(db.note.create, { data = data }), number)
end
assert(db.note.count() == 0)
