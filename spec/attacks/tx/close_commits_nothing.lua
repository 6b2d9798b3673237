-- expect: timeout
-- items: 1
local db = require('db')
db.transaction(function()
  local t <close> = setmetatable({}, { __close = function() db.item.create({ data = { name = 'late' } }) end })
  while true do end
end)
