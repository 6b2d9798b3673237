-- expect: ok
-- items: 1
local db = require('db')
for _, options in ipairs({ 1, { timeoutMs = 0 }, { timeoutMs = -1 }, { timeoutMs = 0 / 0 }, { timeoutMs = 'x' }, { other = 1 } }) do
  assert(not pcall(db.transaction, print, options))
end
assert(not pcall(db.transaction, 1))
assert(db.transaction(function() return 5 end, { timeoutMs = 1e300 }) == 5)
