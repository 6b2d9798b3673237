--- Records that must be there, and that the caller may reach: each function raises `not_found` where
--- there is none.
local check = require('check')
local ctx = require('ctx')
local db = require('db')

---@class forum_forge.existing
local M = {}

--- Returns the condition for a category that the caller may reach; nil for one who may reach all.
---@return ForumCategoryWhereInput?
function M.categories()
  return ctx.bound and { tenantId = ctx.bound }
end

--- Returns the condition for a thread that the caller may reach; nil for one who may reach all.
---@return ForumThreadWhereInput?
function M.threads()
  return ctx.bound and { category = M.categories() }
end

--- Returns a category.
---@param categoryId string
---@return ForumCategory
function M.category(categoryId)
  local where = { id = categoryId, tenantId = ctx.bound }
  return check.found(db.forumCategory.findFirst({ where = where }), 'category', categoryId)
end

--- Returns a thread.
---@param threadId string
---@return ForumThread
function M.thread(threadId)
  local where = { id = threadId, category = M.categories() }
  return check.found(db.forumThread.findFirst({ where = where }), 'thread', threadId)
end

--- Returns a thread that takes posts; raises `locked` where it does not.
---@param threadId string
---@return ForumThread
function M.openThread(threadId)
  local thread = M.thread(threadId)
  if thread.isLocked then
    error(check.fault('locked', ('the thread "%s" is locked'):format(thread.title)))
  end
  return thread
end

--- Returns a post.
---@param postId string
---@return ForumPost
function M.post(postId)
  local where = { id = postId, thread = M.threads() }
  return check.found(db.forumPost.findFirst({ where = where }), 'post', postId)
end

return M
