local db = require('db')
local forum = require('forum_forge')
local list = require('list')

local operations = 1000

-- The same numbers in every run.
local function randomFrom(seed)
  local state = seed
  return function(most)
    state = (state * 1103515245 + 12345) % 2147483648
    return (state >> 8) % most + 1
  end
end

describe('the counters of a forum', function()
  it('never drift, whatever is done', function()
    local random = randomFrom(1)
    local category = forum.createCategory('acme', { name = 'General' })
    local users = { 'ann', 'ben', 'cho' }
    local views = {}

    local function pick(records)
      return records[random(#records)]
    end
    local function anyThread()
      return pick(db.forumThread.findMany({ where = { categoryId = category.id } }))
    end
    local function anyPost()
      return pick(db.forumPost.findMany({ where = { thread = { categoryId = category.id } } }))
    end

    local actions = {
      function()
        if #forum.listThreads(category.id) < 5 then
          forum.createThread(category.id, pick(users), 'Title', 'content')
        end
      end,
      function(thread)
        forum.createPost(thread.id, pick(users), 'content')
      end,
      function(thread)
        -- The first post is refused: nothing may count then.
        pcall(forum.deletePost, pick(forum.listPosts(thread.id)).id)
      end,
      function()
        forum.likePost(anyPost().id, pick(users))
      end,
      function()
        forum.unlikePost(anyPost().id, pick(users))
      end,
      function(thread)
        forum.getThread(thread.id)
        views[thread.id] = (views[thread.id] or 0) + 1
      end,
      function(thread)
        forum.lockThread(thread.id, true)
        pcall(forum.createPost, thread.id, 'ann', 'refused')
        forum.lockThread(thread.id, false)
      end,
      function(thread)
        -- What is rolled back counts nowhere.
        pcall(db.transaction, function()
          forum.createPost(thread.id, 'ann', 'rolled back')
          forum.likePost(anyPost().id, 'dot')
          error('no')
        end)
      end,
      function(thread)
        if #forum.listThreads(category.id) > 3 and random(20) == 1 then
          forum.deleteThread(thread.id)
        end
      end,
    }
    forum.createThread(category.id, 'ann', 'Title', 'content')
    for _ = 1, operations do
      pick(actions)(anyThread())
    end

    for _, thread in ipairs(db.forumThread.findMany({ where = { categoryId = category.id } })) do
      expect(thread.replyCount).toBe(db.forumPost.count({ where = { threadId = thread.id } }) - 1)
      expect(thread.viewCount).toBe(views[thread.id] or 0)
      local posts = forum.listPosts(thread.id, { take = 200 })
      expect(thread.lastPostAt).toBe(math.max(table.unpack(list.pluck(posts, 'createdAt'))))
    end
    for _, post in ipairs(db.forumPost.findMany()) do
      expect(post.likes).toBe(db.forumPostLike.count({ where = { postId = post.id } }))
    end
  end)
end)
