-- expect: ok
local db = require('db')
local cycle = {}
cycle.where = cycle
local deep = {}
for i = 1, 1000 do deep = { NOT = deep } end
for number, args in ipairs({
  1, 'x', true, print, coroutine.create(print), db, db.note, json.null, db.all,
  { where = 1 }, { where = 'x' }, { where = print }, { where = { title = {} } }, { where = { title = print } },
  { where = { title = { contains = {} } } }, { where = { nothing = 1 } }, { [1] = 1 }, { [{}] = 1 }, { 1, 2, a = 3 },
  { where = setmetatable({}, { __index = { title = 'x' } }) }, setmetatable({}, { __len = function() return 1 << 40 end }),
  cycle, { where = deep }, { take = 'x' }, { take = 1.5 }, { take = 0 / 0 }, { skip = -1 }, { orderBy = { title = 1 } },
  { where = { id = 1e300 } }, { where = { id = '1' } }, { where = { title = '\xff' } }, { ['wh\0ere'] = {} }, { ['\xff'] = 1 },
  { select = {} }, { select = { title = 'yes' } }, { include = { nothing = true } }, { cursor = 5 }, { distinct = { 'x' } },
}) do
  local ok, problem = pcall(db.note.findMany, args)
  assert(not ok, number)
  assert(type(problem) == 'table' and problem.message, number)
end
