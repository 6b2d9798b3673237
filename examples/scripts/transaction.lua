--- All of it, or nothing: what a transaction leaves when something in it fails.
---
---     mbl exec examples/scripts/transaction.lua --packages packages --db :memory:

local db = require('db')

local function rename(from, to)
  db.transaction(function(tx)
    local changed = tx.forumCategory.updateMany({ where = { name = from }, data = { name = to } })
    if changed.count ~= 1 then
      error(('%d categories are called %s'):format(changed.count, from), 0)
    end
    -- The context of the transaction sees what it has changed, and nobody else does yet.
    assert(tx.forumCategory.count({ where = { name = to } }) == 1)
    if to == '' then
      error('a category has a name', 0)
    end
  end)
end

rename('Help', 'Questions')
print(db.forumCategory.count({ where = { name = 'Questions' } })) --> 1

print(pcall(rename, 'Questions', '')) --> false	a category has a name
print(pcall(rename, 'Nothing', 'Anything')) --> false	0 categories are called Nothing
print(db.forumCategory.count({ where = { name = 'Questions' } })) --> 1

-- An error of `db` has a code, by which a script tells what it can answer.
local category = db.forumCategory.findFirstOrThrow({ where = { name = 'Questions' } })
local ok, refused = pcall(db.forumCategory.create, { data = category })
print(ok, refused.code) --> false	P2002
