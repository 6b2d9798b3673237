-- expect: ok
local db = require('db')
for _, text in ipairs({ "'; DROP TABLE Item; --", '" OR 1=1 --', '%', '_', '\\', '?1', ':a', '\0', '--', '/*' }) do
  local note = db.note.create({ data = { title = text } })
  assert(db.note.findFirst({ where = { title = text } }).id == note.id)
  assert(db.note.count({ where = { title = { contains = text } } }) >= 1, text)
  assert(db.note.count({ where = { title = { startsWith = text } } }) >= 1, text)
end
