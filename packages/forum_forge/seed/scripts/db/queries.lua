--- Lists of categories, threads and posts.
local check = require('check')
local db = require('db')
local paging = require('paging')

local M = {}

---@class forum_forge.ThreadFilters: forum_forge.Page
---@field authorId? string
---@field isPinned? boolean
---@field isLocked? boolean
---@field search? string a part of the title

local function withPaging(fields)
  for name, type in pairs(paging.fields()) do
    fields[name] = type
  end
  return fields
end

--- Lists all categories of a tenant, nested ones too (by `parentId`), in their order.
---@param tenantId string
---@return ForumCategory[]
function M.listCategories(tenantId)
  -- A nil would leave the tenant out of the question, and list every tenant's categories.
  check.id(tenantId, 'tenantId')
  return db.forumCategory.findMany({
    where = { tenantId = tenantId },
    orderBy = { { sortOrder = 'asc' }, { name = 'asc' }, { id = 'asc' } },
  })
end

--- Lists a category's threads: pinned ones first, then those with the newest posts.
---@param categoryId string
---@param filters? forum_forge.ThreadFilters
---@return ForumThread[]
function M.listThreads(categoryId, filters)
  check.id(categoryId, 'categoryId')
  filters = check.fields(
    filters,
    'filters',
    withPaging({
      authorId = 'string?',
      isPinned = 'boolean?',
      isLocked = 'boolean?',
      search = 'string?',
    })
  )

  return db.forumThread.findMany(paging.apply({
    where = {
      categoryId = categoryId,
      authorId = filters.authorId,
      isPinned = filters.isPinned,
      isLocked = filters.isLocked,
      title = filters.search and { contains = filters.search },
    },
    orderBy = { { isPinned = 'desc' }, { lastPostAt = 'desc' }, { id = 'desc' } },
  }, filters))
end

--- Lists a thread's posts, oldest first.
---@param threadId string
---@param pagination? forum_forge.Page
---@return ForumPost[]
function M.listPosts(threadId, pagination)
  check.id(threadId, 'threadId')
  pagination = check.fields(pagination, 'pagination', paging.fields())

  return db.forumPost.findMany(paging.apply({
    where = { threadId = threadId },
    orderBy = { { createdAt = 'asc' }, { id = 'asc' } },
  }, pagination))
end

return M
