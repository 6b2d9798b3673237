local db = require('db')
local forum = require('forum_forge')
local list = require('list')

---@type ForumThread
local thread

before_each(function()
  local category = forum.createCategory('acme', { name = 'General' })
  thread = forum.createThread(category.id, 'ann', 'Hello', 'first')
end)

local function reload()
  return db.forumThread.findUnique({ where = { id = thread.id } })
end

local function contents(posts)
  return list.pluck(posts, 'content')
end

describe('createPost', function()
  it('adds a reply', function()
    local post = forum.createPost(thread.id, 'ben', 'second')

    expect(post).toMatchObject({
      threadId = thread.id,
      authorId = 'ben',
      content = 'second',
      likes = 0,
    })
    expect(contents(forum.listPosts(thread.id))).toEqual({ 'first', 'second' })
  end)

  it('counts replies', function()
    expect(assert(reload()).replyCount).toBe(0)
    forum.createPost(thread.id, 'ben', 'second')
    forum.createPost(thread.id, 'ann', 'third')

    expect(assert(reload()).replyCount).toBe(2)
  end)

  it('notes when the thread was last answered', function()
    db.forumThread.update({ where = { id = thread.id }, data = { lastPostAt = 0 } })
    local post = forum.createPost(thread.id, 'ben', 'second')

    expect(assert(reload()).lastPostAt).toBe(post.createdAt)
  end)

  it('is refused by a locked thread, and leaves the counter alone', function()
    forum.lockThread(thread.id, true)

    expect(function()
      forum.createPost(thread.id, 'ben', 'second')
    end).toThrow({ code = 'locked' })
    expect(assert(reload()).replyCount).toBe(0)
    expect(forum.listPosts(thread.id)).toHaveLength(1)

    forum.lockThread(thread.id, false)
    forum.createPost(thread.id, 'ben', 'second')
    expect(assert(reload()).replyCount).toBe(1)
  end)

  it('says in words that the thread is locked', function()
    forum.lockThread(thread.id, true)
    ---@type boolean, any
    local ok, raised = pcall(forum.createPost, thread.id, 'ben', 'second')

    expect(ok).toBe(false)
    expect(tostring(raised)).toContain('locked')
    expect(raised.message).toContain('Hello')
  end)

  it('refuses a thread that is not there', function()
    expect(function()
      forum.createPost('nothing', 'ben', 'second')
    end).toThrow({ code = 'not_found' })
  end)

  it.each({
    { 'threadId', nil, 'ben', 'second' },
    { 'threadId', { contains = '' }, 'ben', 'second' },
    { 'authorId', 't', nil, 'second' },
    { 'content', 't', 'ben', '' },
    { 'content', 't', 'ben', ' \t\n' },
    { 'content', 't', 'ben', 42 },
  })('refuses a wrong %s', function(name, threadId, authorId, content)
    expect(function()
      forum.createPost(threadId, authorId, content)
    end).toThrow('`' .. name .. '`')
    expect(db.forumPost.count()).toBe(1)
  end)
end)

describe('listPosts', function()
  before_each(function()
    for index = 2, 5 do
      forum.createPost(thread.id, 'ben', 'post ' .. index)
    end
  end)

  it('lists the oldest first', function()
    local expected = { 'first', 'post 2', 'post 3', 'post 4', 'post 5' }

    expect(contents(forum.listPosts(thread.id, {}))).toEqual(expected)
    expect(contents(forum.listPosts(thread.id))).toEqual(expected)
  end)

  it.each({
    { page = { take = 2 }, expected = { 'first', 'post 2' } },
    { page = { take = 2, skip = 2 }, expected = { 'post 3', 'post 4' } },
    { page = { take = 2, skip = 4 }, expected = { 'post 5' } },
    { page = { take = 2, skip = 9 }, expected = {} },
    { page = { skip = 3 }, expected = { 'post 4', 'post 5' } },
    { page = { limit = 1 }, expected = { 'first' } },
    { page = { take = 0 }, expected = {} },
  })('gives the page $page', function(case)
    expect(contents(forum.listPosts(thread.id, case.page))).toEqual(case.expected)
  end)

  it('goes on behind a cursor, to the end', function()
    local pages, cursor = {}, nil
    repeat
      local posts = forum.listPosts(thread.id, { limit = 2, cursor = cursor })
      pages[#pages + 1] = contents(posts)
      cursor = #posts > 0 and posts[#posts].id or nil
    until not cursor

    expect(pages).toEqual({ { 'first', 'post 2' }, { 'post 3', 'post 4' }, { 'post 5' }, {} })
  end)

  it('gives 50 posts if no number is asked for, and never more than 200', function()
    for index = 6, 210 do
      forum.createPost(thread.id, 'ben', 'post ' .. index)
    end

    expect(forum.listPosts(thread.id)).toHaveLength(50)
    expect(forum.listPosts(thread.id, { take = 1000 })).toHaveLength(200)
  end)

  it("lists no other thread's", function()
    local other = forum.createThread(thread.categoryId, 'ann', 'Other', 'elsewhere')

    expect(contents(forum.listPosts(other.id))).toEqual({ 'elsewhere' })
    expect(forum.listPosts('nothing')).toEqual({})
  end)

  it.each({
    { 'threadId', nil, {} },
    { 'threadId', { ['not'] = '' }, {} },
    { 'pagination', 't', 5 },
    { 'pagination.take', 't', { take = -5 } },
    { 'pagination.skip', 't', { skip = '1' } },
    { 'pagination.cursor', 't', { cursor = {} } },
    { 'page', 't', { page = 2 } },
  })('refuses a wrong %s', function(name, threadId, pagination)
    expect(function()
      forum.listPosts(threadId, pagination)
    end).toThrow(name)
  end)
end)

describe('likePost', function()
  ---@type ForumPost
  local post

  before_each(function()
    post = forum.createPost(thread.id, 'ben', 'like me')
  end)

  it('counts the like', function()
    expect(forum.likePost(post.id, 'ann').likes).toBe(1)
    expect(forum.likePost(post.id, 'cleo').likes).toBe(2)
  end)

  it('counts a user once', function()
    forum.likePost(post.id, 'ann')
    local again = forum.likePost(post.id, 'ann')

    expect(again.id).toBe(post.id)
    expect(again.likes).toBe(1)
    expect(db.forumPostLike.count({ where = { postId = post.id } })).toBe(1)
  end)

  it('counts for no other post', function()
    local other = forum.createPost(thread.id, 'ben', 'not me')
    forum.likePost(post.id, 'ann')

    expect(forum.likePost(other.id, 'ann').likes).toBe(1)
    expect(forum.likePost(post.id, 'ann').likes).toBe(1)
  end)

  it('can be taken back', function()
    forum.likePost(post.id, 'ann')
    forum.likePost(post.id, 'cleo')

    expect(forum.unlikePost(post.id, 'ann').likes).toBe(1)
    expect(forum.unlikePost(post.id, 'ann').likes).toBe(1)
    expect(forum.likePost(post.id, 'ann').likes).toBe(2)
  end)

  it('refuses a post that is not there', function()
    for _, operation in ipairs({ forum.likePost, forum.unlikePost }) do
      expect(function()
        operation('nothing', 'ann')
      end).toThrow({ code = 'not_found' })
    end
  end)

  it('must be told the user', function()
    expect(function()
      forum.likePost(post.id, nil --[[@as any]])
    end).toThrow('userId')
    expect(function()
      forum.unlikePost(post.id, nil --[[@as any]])
    end).toThrow('userId')
  end)
end)

describe('updatePost', function()
  it('changes the content and notes the time', function()
    local post = forum.createPost(thread.id, 'ben', 'tpyo')
    expect(post.updatedAt).toBeNil()
    local changed = forum.updatePost(post.id, 'typo')

    expect(changed.content).toBe('typo')
    expect(changed.updatedAt).toBeGreaterThanOrEqual(post.createdAt)
  end)

  it('is refused in a locked thread', function()
    local post = forum.createPost(thread.id, 'ben', 'said')
    forum.lockThread(thread.id, true)

    expect(function()
      forum.updatePost(post.id, 'never said')
    end).toThrow({ code = 'locked' })
  end)
end)

describe('deletePost', function()
  it('uncounts the reply', function()
    local second = forum.createPost(thread.id, 'ben', 'second')
    local third = forum.createPost(thread.id, 'ben', 'third')
    forum.likePost(third.id, 'ann')

    expect(forum.deletePost(third.id).content).toBe('third')
    expect(contents(forum.listPosts(thread.id))).toEqual({ 'first', 'second' })
    expect(reload()).toMatchObject({ replyCount = 1, lastPostAt = second.createdAt })
    expect(db.forumPostLike.count()).toBe(0)
  end)

  it('keeps the first post', function()
    local first = assert(forum.listPosts(thread.id)[1])
    forum.createPost(thread.id, 'ben', 'second')

    expect(function()
      forum.deletePost(first.id)
    end).toThrow({ code = 'first_post' })
    expect(forum.listPosts(thread.id)).toHaveLength(2)
    expect(assert(reload()).replyCount).toBe(1)
  end)

  it('refuses one that is not there', function()
    expect(function()
      forum.deletePost('nothing')
    end).toThrow({ code = 'not_found' })
  end)
end)
