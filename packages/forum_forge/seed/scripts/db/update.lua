--- Changes: moderation, edits and likes.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as forum_forge.existing]]
local time = require('time')

local M = {}

local function setThread(threadId, data)
  return db.transaction(function()
    local thread = existing.thread(threadId)
    return db.forumThread.update({ where = { id = thread.id }, data = data })
  end)
end

--- Locks a thread, so that it refuses posts, or unlocks it.
---@param threadId string
---@param locked boolean
---@return ForumThread
function M.lockThread(threadId, locked)
  check.id(threadId, 'threadId')
  check.boolean(locked, 'locked')
  return setThread(threadId, { isLocked = locked })
end

--- Pins a thread to the top of its category, or lets it go.
---@param threadId string
---@param pinned boolean
---@return ForumThread
function M.pinThread(threadId, pinned)
  check.id(threadId, 'threadId')
  check.boolean(pinned, 'pinned')
  return setThread(threadId, { isPinned = pinned })
end

--- Changes what a post says. In a locked thread it stays as it is: the code is `locked`.
---@param postId string
---@param content string
---@return ForumPost
function M.updatePost(postId, content)
  check.id(postId, 'postId')
  check.text(content, 'content')
  return db.transaction(function()
    local post = existing.post(postId)
    existing.openThread(post.threadId)
    return db.forumPost.update({
      where = { id = post.id },
      data = { content = content, updatedAt = time.now() },
    })
  end)
end

--- Likes a post for a user. A second like of the same user changes nothing.
---@param postId string
---@param userId string
---@return ForumPost
function M.likePost(postId, userId)
  check.id(postId, 'postId')
  check.id(userId, 'userId')
  return db.transaction(function()
    local post = existing.post(postId)
    local like = { postId = post.id, userId = userId }
    if db.forumPostLike.findFirst({ where = like }) then
      return post
    end
    db.forumPostLike.create({
      data = { postId = post.id, userId = userId, createdAt = time.now() },
    })
    return db.forumPost.update({ where = { id = post.id }, data = { likes = { increment = 1 } } })
  end)
end

--- Takes a user's like back. Without one, nothing changes.
---@param postId string
---@param userId string
---@return ForumPost
function M.unlikePost(postId, userId)
  check.id(postId, 'postId')
  check.id(userId, 'userId')
  return db.transaction(function()
    local post = existing.post(postId)
    local removed = db.forumPostLike.deleteMany({ where = { postId = post.id, userId = userId } })
    if removed.count == 0 then
      return post
    end
    return db.forumPost.update({ where = { id = post.id }, data = { likes = { decrement = 1 } } })
  end)
end

return M
