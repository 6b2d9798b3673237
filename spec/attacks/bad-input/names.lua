-- expect: ok
local db = require('db')
for _, name in ipairs({ 'Note; DROP TABLE Note', '"', "'", '\0', '\xff', '', 'sqlite_master', '_mbl_tenant', '__index', ('x'):rep(1 << 16) }) do
  assert(not pcall(function() return db[name] end), name)
  assert(not pcall(function() return db.note[name] end), name)
  assert(not pcall(db.note.findMany, { where = { [name] = 1 } }), name)
  assert(not pcall(db.note.findMany, { orderBy = { [name] = 'asc' } }), name)
end
for _, key in ipairs({ 1, 1.5, true, {}, print }) do
  assert(not pcall(function() return db[key] end))
  assert(not pcall(function() return db.note[key] end))
end
