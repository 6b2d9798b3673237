local check = require('check')
local db = require('db')
local forum = require('forum_forge')

---@type ForumCategory, ForumThread, ForumPost
local category, thread, reply

before_each(function()
  category = forum.createCategory('acme', { name = 'General' })
  thread = forum.createThread(category.id, 'ann', 'Hello', 'First.')
  reply = forum.createPost(thread.id, 'bob', 'Second.')
end)

local function everything()
  return {
    db.forumCategory.findMany({ orderBy = { id = 'asc' } }),
    db.forumThread.findMany({ orderBy = { id = 'asc' } }),
    db.forumPost.findMany({ orderBy = { id = 'asc' } }),
    db.forumPostLike.findMany({ orderBy = { userId = 'asc' } }),
  }
end

local function asGlobex(body)
  return asCaller({ tenant = 'globex', user = 'eve', level = 6 }, body)
end

describe('a caller of another tenant', function()
  it.each({
    { 'listCategories', 'acme' },
    { 'createCategory', 'acme', { name = 'New' } },
  })('may not name the tenant in %s', function(operation, ...)
    local before, args = everything(), table.pack(...)
    local ok, fault = asGlobex(function()
      return pcall(forum[operation], table.unpack(args))
    end)
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'forbidden')).toBe(true)
    expect(everything()).toEqual(before)
  end)

  it.each({
    {
      'createCategory',
      function()
        return 'globex', { name = 'Inner', parentId = category.id }
      end,
    },
    {
      'createThread',
      function()
        return category.id, 'eve', 'Title', 'content'
      end,
    },
    {
      'createPost',
      function()
        return thread.id, 'eve', 'content'
      end,
    },
    {
      'lockThread',
      function()
        return thread.id, true
      end,
    },
    {
      'pinThread',
      function()
        return thread.id, true
      end,
    },
    {
      'updatePost',
      function()
        return reply.id, 'other'
      end,
    },
    {
      'likePost',
      function()
        return reply.id, 'eve'
      end,
    },
    {
      'unlikePost',
      function()
        return reply.id, 'eve'
      end,
    },
    {
      'deletePost',
      function()
        return reply.id
      end,
    },
    {
      'deleteThread',
      function()
        return thread.id
      end,
    },
  })('finds nothing in %s', function(operation, args)
    local before = everything()
    local ok, fault = asGlobex(function()
      return pcall(forum[operation], args())
    end)
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'not_found')).toBe(true)
    expect(everything()).toEqual(before)
  end)

  it('sees no thread, no list, and counts no view', function()
    local before = everything()
    asGlobex(function()
      expect(forum.getThread(thread.id)).toBeNil()
      expect(forum.listThreads(category.id)).toEqual({})
      expect(forum.listPosts(thread.id)).toEqual({})
    end)
    expect(everything()).toEqual(before)
  end)
end)

describe('a caller of the tenant', function()
  it('reaches all of it', function()
    asCaller({ tenant = 'acme' }, function()
      expect(forum.listCategories('acme')).toHaveLength(1)
      expect(assert(forum.getThread(thread.id)).id).toBe(thread.id)
      expect(forum.listPosts(thread.id)).toHaveLength(2)
      expect(forum.likePost(reply.id, 'ann').likes).toBe(1)
    end)
  end)
end)
