--- Rows in pages, and rows summed up.
---
---     mbl exec examples/scripts/pages.lua --packages packages --db :memory:

local db = require('db')

local category = db.forumCategory.findFirstOrThrow({ where = { name = 'General' } })
for number = 1, 25 do
  db.forumThread.create({
    data = {
      categoryId = category.id,
      authorId = number % 3 == 0 and 'ann' or 'ben',
      title = ('Thread %02d'):format(number),
      slug = ('thread-%02d'):format(number),
      viewCount = number,
    },
  })
end

-- A cursor stays where it is, whatever is added in front of it.
local cursor, pages = nil, {}
repeat
  local page = db.forumThread.findMany({
    orderBy = { title = 'asc' },
    take = 10,
    skip = cursor and 1 or 0,
    cursor = cursor and { id = cursor },
  })
  pages[#pages + 1] = #page
  cursor = page[#page] and page[#page].id
until #page < 10
print(table.concat(pages, ' ')) --> 10 10 5

local busiest = db.forumThread.groupBy({
  by = { 'authorId' },
  _count = true,
  _sum = { viewCount = true },
  orderBy = { authorId = 'asc' },
})
for _, author in ipairs(busiest) do
  print(author.authorId, author._count, author._sum.viewCount)
end
--> ann	8	108
--> ben	17	217

local views = db.forumThread.aggregate({ _max = { viewCount = true }, _avg = { viewCount = true } })
print(views._max.viewCount, views._avg.viewCount) --> 25	13.0
