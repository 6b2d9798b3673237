--- Records that must be there: each function raises `not_found` where there is none.
local check = require('check')
local db = require('db')

local M = {}

local function must(record, noun, id)
  if not record then
    error(check.fault('not_found', ('there is no %s with the id "%s"'):format(noun, id)))
  end
  return record
end

--- Returns a category.
---@param categoryId string
---@return ForumCategory
function M.category(categoryId)
  return must(db.forumCategory.findUnique({ where = { id = categoryId } }), 'category', categoryId)
end

--- Returns a thread.
---@param threadId string
---@return ForumThread
function M.thread(threadId)
  return must(db.forumThread.findUnique({ where = { id = threadId } }), 'thread', threadId)
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
  return must(db.forumPost.findUnique({ where = { id = postId } }), 'post', postId)
end

return M
