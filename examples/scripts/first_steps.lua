--- A thread, its posts, and what can be asked about them.
---
---     mbl exec examples/scripts/first_steps.lua --packages packages --db :memory:
---
--- What a line prints stands behind its arrow.

local db = require('db')
local forum = require('forum_forge')

local category = forum.listCategories('default')[1]
print(category.name) --> General

local thread = forum.createThread(category.id, 'ann', 'Lua 5.4 integers', 'They are 64 bits wide.')
forum.createPost(thread.id, 'ben', 'And they wrap around.')
print(thread.slug) --> lua-5-4-integers

-- Whatever an operation does, `db` can do, too.
local found = db.forumThread.findFirst({
  where = { title = { contains = 'integers' } },
  include = {
    posts = { orderBy = { createdAt = 'asc' }, select = { authorId = true } },
    category = true,
  },
})
print(found.category.name, #found.posts, found.posts[1].authorId) --> General	2	ann

print(db.forumPost.count({ where = { thread = { title = { startsWith = 'Lua' } } } })) --> 2

-- A misspelled name is an error that knows better.
local ok, message = pcall(db.forumThread.findMany, { where = { titel = 'x' } })
print(ok, tostring(message):match('did you mean `%w+`')) --> false	did you mean `title`
