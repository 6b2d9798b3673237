--- Removing threads and posts.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as forum_forge.existing]]

local M = {}

--- Deletes a thread with its posts and their likes, and returns what it was.
---@param threadId string
---@return ForumThread
function M.deleteThread(threadId)
  check.id(threadId, 'threadId')
  return db.transaction(function()
    local thread = existing.thread(threadId)
    return db.forumThread.delete({ where = { id = thread.id } })
  end)
end

--- Deletes a reply, and returns what it was. A thread's first post goes only with its thread: the
--- code is `first_post`.
---@param postId string
---@return ForumPost
function M.deletePost(postId)
  check.id(postId, 'postId')
  return db.transaction(function()
    local post = existing.post(postId)
    local first = db.forumPost.findFirstOrThrow({
      where = { threadId = post.threadId },
      orderBy = { { createdAt = 'asc' }, { id = 'asc' } },
    })
    if first.id == post.id then
      error(check.fault('first_post', "a thread's first post can only be deleted with its thread"))
    end

    local deleted = db.forumPost.delete({ where = { id = post.id } })
    local last = db.forumPost.findFirstOrThrow({
      where = { threadId = post.threadId },
      orderBy = { { createdAt = 'desc' }, { id = 'desc' } },
    })
    db.forumThread.update({
      where = { id = post.threadId },
      data = { replyCount = { decrement = 1 }, lastPostAt = last.createdAt },
    })
    return deleted
  end)
end

return M
