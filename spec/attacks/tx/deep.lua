-- expect: ok
-- items: 1
local db = require('db')
local function deep(n)
  if n > 0 then
    db.transaction(function() deep(n - 1) end)
  end
end
pcall(deep, 150)
