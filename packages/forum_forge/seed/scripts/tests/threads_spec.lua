local db = require('db')
local forum = require('forum_forge')
local list = require('list')

---@type ForumCategory
local category

before_each(function()
  category = forum.createCategory('acme', { name = 'General' })
end)

-- A thread with a time of its own: threads that are made in one go share a millisecond.
local function add(title, lastPostAt, fields)
  local thread = forum.createThread(category.id, 'ann', title, 'content')
  local data = { lastPostAt = lastPostAt }
  for key, value in pairs(fields or {}) do
    data[key] = value
  end
  return db.forumThread.update({ where = { id = thread.id }, data = data })
end

local function titles(threads)
  return list.pluck(threads, 'title')
end

describe('createThread', function()
  it('makes a thread that nobody has seen or answered', function()
    local thread = forum.createThread(category.id, 'ann', 'Hello, World!', 'First.')

    expect(thread).toMatchObject({
      categoryId = category.id,
      authorId = 'ann',
      title = 'Hello, World!',
      slug = 'hello-world',
      isPinned = false,
      isLocked = false,
      viewCount = 0,
      replyCount = 0,
    })
  end)

  it('makes the first post from the content', function()
    local thread = forum.createThread(category.id, 'ann', 'Hello', 'First.')
    local posts = forum.listPosts(thread.id)

    expect(posts).toHaveLength(1)
    expect(posts[1]).toMatchObject({ authorId = 'ann', content = 'First.', likes = 0 })
  end)

  it('makes slugs unique in the category, and only there', function()
    local other = forum.createCategory('acme', { name = 'Other' })
    local function slug(categoryId, title)
      return forum.createThread(categoryId, 'ann', title, 'content').slug
    end

    expect(slug(category.id, 'Hello')).toBe('hello')
    expect(slug(category.id, 'Hello!')).toBe('hello-2')
    expect(slug(category.id, 'HELLO')).toBe('hello-3')
    expect(slug(category.id, 'Hello 2')).toBe('hello-2-2')
    expect(slug(other.id, 'Hello')).toBe('hello')
  end)

  it.each({
    { 'Crème brûlée', 'creme-brulee' },
    { 'Привет, мир', 'Привет-мир' },
    { "don't panic", 'dont-panic' },
    { '100% _sure_', '100-sure' },
    { '???', 'thread' },
  })('makes an address of "%s"', function(title, slug)
    expect(forum.createThread(category.id, 'ann', title, 'content').slug).toBe(slug)
  end)

  it('refuses a category that is not there, and leaves nothing behind', function()
    expect(function()
      forum.createThread('nothing', 'ann', 'Hello', 'content')
    end).toThrow({ code = 'not_found' })
    expect(db.forumThread.count()).toBe(0)
    expect(db.forumPost.count()).toBe(0)
  end)

  it.each({
    { 'categoryId', nil, 'ann', 'Hello', 'content' },
    { 'categoryId', { ['not'] = '' }, 'ann', 'Hello', 'content' },
    { 'authorId', 'c', '', 'Hello', 'content' },
    { 'title', 'c', 'ann', ' \n', 'content' },
    { 'title', 'c', 'ann', { 'Hello' }, 'content' },
    { 'content', 'c', 'ann', 'Hello', nil },
  })('refuses a wrong %s', function(name, categoryId, authorId, title, content)
    expect(function()
      forum.createThread(categoryId, authorId, title, content)
    end).toThrow('`' .. name .. '`')
  end)
end)

describe('getThread', function()
  it('counts a view each time', function()
    local thread = forum.createThread(category.id, 'ann', 'Hello', 'content')

    expect(assert(forum.getThread(thread.id)).viewCount).toBe(1)
    expect(assert(forum.getThread(thread.id)).viewCount).toBe(2)
    expect(assert(db.forumThread.findUnique({ where = { id = thread.id } })).viewCount).toBe(2)
  end)

  it('counts for no other thread', function()
    local one = forum.createThread(category.id, 'ann', 'One', 'content')
    local other = forum.createThread(category.id, 'ann', 'Other', 'content')
    forum.getThread(one.id)

    expect(assert(db.forumThread.findUnique({ where = { id = other.id } })).viewCount).toBe(0)
  end)

  it('gives nil where there is none', function()
    expect(forum.getThread('nothing')).toBeNil()
  end)

  it('must be told which', function()
    local thread = forum.createThread(category.id, 'ann', 'Hello', 'content')
    expect(function()
      forum.getThread(nil --[[@as any]])
    end).toThrow('threadId')
    expect(assert(db.forumThread.findUnique({ where = { id = thread.id } })).viewCount).toBe(0)
  end)
end)

describe('listThreads', function()
  it('lists pinned ones first, then those with the newest posts', function()
    add('old', 1000)
    add('pinned old', 500, { isPinned = true })
    add('new', 3000)
    add('pinned new', 2000, { isPinned = true })

    local listed = titles(forum.listThreads(category.id, {}))
    expect(listed).toEqual({ 'pinned new', 'pinned old', 'new', 'old' })
  end)

  it('brings a thread up when it is answered', function()
    local old = add('old', 1000)
    add('new', 2000)
    forum.createPost(old.id, 'ben', 'still here')

    expect(titles(forum.listThreads(category.id))).toEqual({ 'old', 'new' })
  end)

  it('lists one category only', function()
    local other = forum.createCategory('acme', { name = 'Other' })
    add('here', 1000)

    expect(titles(forum.listThreads(category.id, {}))).toEqual({ 'here' })
    expect(forum.listThreads(other.id, {})).toEqual({})
  end)

  it.each({
    { filters = { authorId = 'ben' }, expected = { 'c' } },
    { filters = { isPinned = true }, expected = { 'b' } },
    { filters = { isPinned = false }, expected = { 'd', 'c', 'a' } },
    { filters = { isLocked = true }, expected = { 'd' } },
    { filters = { search = 'A' }, expected = { 'a' } },
    { filters = { take = 2 }, expected = { 'b', 'd' } },
    { filters = { take = 2, skip = 2 }, expected = { 'c', 'a' } },
    { filters = { limit = 1, offset = 1 }, expected = { 'd' } },
    { filters = { take = 0 }, expected = {} },
  })('filters by $filters', function(case)
    add('a', 1000)
    add('b', 2000, { isPinned = true })
    add('c', 3000, { authorId = 'ben' })
    add('d', 4000, { isLocked = true })

    expect(titles(forum.listThreads(category.id, case.filters))).toEqual(case.expected)
  end)

  it('goes on behind a cursor', function()
    add('a', 1000)
    add('b', 2000)
    add('c', 3000)
    local first = forum.listThreads(category.id, { limit = 2 })
    local second = forum.listThreads(category.id, { limit = 2, cursor = assert(first[2]).id })

    expect(titles(first)).toEqual({ 'c', 'b' })
    expect(titles(second)).toEqual({ 'a' })
  end)

  it.each({
    { 'categoryId', nil, {} },
    { 'categoryId', {}, {} },
    { 'filters', 'c', 'pinned' },
    { 'filters.authorId', 'c', { authorId = { contains = '' } } },
    { 'filters.isPinned', 'c', { isPinned = 1 } },
    { 'filters.take', 'c', { take = -1 } },
    { 'pinned', 'c', { pinned = true } },
  })('refuses a wrong %s', function(name, categoryId, filters)
    expect(function()
      forum.listThreads(categoryId, filters)
    end).toThrow(name)
  end)
end)

describe('lockThread', function()
  it('locks and unlocks', function()
    local thread = forum.createThread(category.id, 'ann', 'Hello', 'content')

    expect(forum.lockThread(thread.id, true).isLocked).toBe(true)
    expect(forum.lockThread(thread.id, true).isLocked).toBe(true)
    expect(forum.lockThread(thread.id, false).isLocked).toBe(false)
  end)

  it('must be told which and what', function()
    local thread = forum.createThread(category.id, 'ann', 'Hello', 'content')
    expect(function()
      forum.lockThread(thread.id, nil --[[@as any]])
    end).toThrow('locked')
    expect(function()
      forum.lockThread('nothing', true)
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('pinThread', function()
  it('pins and lets go', function()
    local thread = forum.createThread(category.id, 'ann', 'Hello', 'content')

    expect(forum.pinThread(thread.id, true).isPinned).toBe(true)
    expect(forum.pinThread(thread.id, false).isPinned).toBe(false)
  end)

  it('must be told which and what', function()
    local thread = forum.createThread(category.id, 'ann', 'Hello', 'content')
    expect(function()
      forum.pinThread(thread.id, 'yes' --[[@as any]])
    end).toThrow('pinned')
    expect(function()
      forum.pinThread('nothing', true)
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('deleteThread', function()
  it('takes its posts and their likes along', function()
    local thread = forum.createThread(category.id, 'ann', 'Hello', 'content')
    local kept = forum.createThread(category.id, 'ann', 'Kept', 'content')
    forum.likePost(forum.createPost(thread.id, 'ben', 'reply').id, 'ann')

    expect(forum.deleteThread(thread.id).title).toBe('Hello')
    expect(titles(forum.listThreads(category.id))).toEqual({ 'Kept' })
    expect(forum.listPosts(thread.id)).toEqual({})
    expect(forum.listPosts(kept.id)).toHaveLength(1)
    expect(db.forumPostLike.count()).toBe(0)
  end)

  it('refuses one that is not there', function()
    expect(function()
      forum.deleteThread('nothing')
    end).toThrow({ code = 'not_found' })
  end)
end)
