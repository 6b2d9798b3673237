-- expect: ok
assert(getmetatable(json.null) == false)
assert(not pcall(function() json.null.x = 1 end))
assert(not pcall(function() return json.null.x end))
local db = require('db')
for _, value in ipairs({ db.all, db.dbNull, db.jsonNull, db.anyNull, db.note.fields.title }) do
  assert(getmetatable(value) == false)
  assert(not pcall(function() value.x = 1 end))
end
