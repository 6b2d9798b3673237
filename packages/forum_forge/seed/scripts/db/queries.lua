--- Lists of categories, threads and posts.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as forum_forge.existing]]
local list = require('list')

---@class forum_forge.db.queries
local M = {}

---@class forum_forge.ThreadFilters: list.Page
---@field authorId? string
---@field isPinned? boolean
---@field isLocked? boolean
---@field search? string a part of the title

--- Lists all categories of a tenant, nested ones too (by `parentId`), in their order.
---@param tenantId string
---@return ForumCategory[]
function M.listCategories(tenantId)
  -- A nil would leave the tenant out of the question, and list every tenant's categories.
  check.tenant(tenantId, 'tenantId')
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
    list.pageFields({
      authorId = 'string?',
      isPinned = 'boolean?',
      isLocked = 'boolean?',
      search = 'string?',
    })
  )

  return db.forumThread.findMany(list.page({
    where = {
      categoryId = categoryId,
      category = existing.categories(),
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
---@param pagination? list.Page
---@return ForumPost[]
function M.listPosts(threadId, pagination)
  check.id(threadId, 'threadId')
  pagination = check.fields(pagination, 'pagination', list.pageFields())

  return db.forumPost.findMany(list.page({
    where = { threadId = threadId, thread = existing.threads() },
    orderBy = { { createdAt = 'asc' }, { id = 'asc' } },
  }, pagination))
end

return M
