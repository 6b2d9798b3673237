local forum = require('forum_forge')
local forumPage = require('ui.forum_page')
local list = require('list')
local postCard = require('ui.post_card')
local threadList = require('ui.thread_list')
local threadView = require('ui.thread_view')
local ui = require('ui')

local function linkTexts(node)
  return list.map(ui.findAll(node, 'Link'), ui.textOf)
end

describe('PostCard', function()
  local post = { id = 'p1', authorId = 'ann', content = '**Hello**', likes = 2, createdAt = 0 }

  it('shows the author, the content and the likes', function()
    local card = postCard.render({ post = post } --[[@as any]])

    expect(card.type).toBe('Card')
    expect(ui.textOf(assert(ui.find(card, 'Markdown')))).toBe('**Hello**')
    expect(ui.textOf(card)).toContain('ann')
    expect(ui.textOf(card)).toContain('2 likes')
    expect(ui.textOf(card)).never.toContain('edited')
  end)

  it('has a button for who may like it', function()
    local card =
      postCard.render({ post = post, userId = 'ben', onLike = 'forum_forge.likePost' } --[[@as any]])

    expect(assert(ui.find(card, 'Button')).props.onClick).toEqual({
      operation = 'forum_forge.likePost',
      args = { 'p1', 'ben' },
    })
    expect(ui.find(postCard.render({ post = post, onLike = 'a.b' } --[[@as any]]), 'Button')).toBeNil()
    expect(ui.find(postCard.render({ post = post, userId = 'ben' } --[[@as any]]), 'Button')).toBeNil()
  end)

  it('says when it was edited', function()
    local edited =
      { id = 'p1', authorId = 'ann', content = 'x', likes = 0, createdAt = 0, updatedAt = 1000 }

    expect(ui.textOf(postCard.render({ post = edited } --[[@as any]]))).toContain(
      'edited 1970-01-01T00:00:01'
    )
  end)
end)

describe('ThreadList', function()
  local thread = {
    id = 't1',
    title = 'Hello',
    authorId = 'ann',
    isPinned = true,
    isLocked = false,
    replyCount = 1,
    viewCount = 2,
    lastPostAt = 0,
  }

  it('has a row for each thread', function()
    local node =
      threadList.render({ threads = { thread }, onOpen = 'forum_forge.getThread' } --[[@as any]])
    local row = assert(ui.find(node, 'ListItem'))

    expect(row.props.onClick).toEqual({ operation = 'forum_forge.getThread', args = { 't1' } })
    expect(linkTexts(row)).toEqual({ 'Hello' })
    expect(ui.textOf(row)).toContain('1 reply · 2 views')
    expect(list.map(ui.findAll(row, 'Icon'), function(icon)
      return icon.props.label
    end)).toEqual({ 'Pinned' })
  end)

  it('says that there is nothing', function()
    expect(threadList.render({ threads = {} }).type).toBe('Alert')
  end)
end)

describe('ThreadView', function()
  ---@type ForumThread
  local thread

  before_each(function()
    local category = forum.createCategory('acme', { name = 'General' })
    thread = forum.createThread(category.id, 'ann', 'Hello', 'first')
    for index = 2, 5 do
      forum.createPost(thread.id, 'ben', 'post ' .. index)
    end
  end)

  it('shows the thread with its posts, and counts a view', function()
    local page = threadView.render({ threadId = thread.id })

    expect(ui.textOf(assert(ui.find(page, 'Heading')))).toBe('Hello')
    expect(ui.findAll(page, 'Card')).toHaveLength(5)
    expect(ui.textOf(page)).toContain('1 view')
    expect(assert(forum.getThread(thread.id)).viewCount).toBe(2)
    expect(ui.findAll(page, 'Link')).toBeEmpty()
  end)

  it('leads to the pages around', function()
    local function page(skip)
      return threadView.render({ threadId = thread.id, take = 2, skip = skip })
    end

    expect(linkTexts(page(0))).toEqual({ 'Later' })
    expect(linkTexts(page(2))).toEqual({ 'Earlier', 'Later' })
    expect(linkTexts(page(4))).toEqual({ 'Earlier' })
    expect(assert(ui.find(page(4), 'Link')).props.params).toMatchObject({ take = 2, skip = 2 })
    expect(ui.findAll(page(4), 'Card')).toHaveLength(1)
  end)

  it('says that a thread is locked, and has no form then', function()
    forum.lockThread(thread.id, true)
    local page = threadView.render({ threadId = thread.id })

    expect(ui.textOf(assert(ui.find(page, 'Alert')))).toContain('locked')
    expect(ui.find(page, 'Form')).toBeNil()
  end)

  it('says that there is no such thread', function()
    expect(threadView.render({ threadId = 'nothing' }).type).toBe('Alert')
  end)
end)

describe('ForumPage', function()
  ---@type ForumCategory, ForumCategory
  local parent, child

  before_each(function()
    parent = forum.createCategory('acme', { name = 'Parent', description = 'The one above' })
    child = forum.createCategory('acme', { name = 'Child', parentId = parent.id })
    forum.createCategory('globex', { name = 'Elsewhere' })
  end)

  it('shows the categories of the tenant as a tree', function()
    local page = forumPage.render({ tenantId = 'acme' })
    local top = assert(ui.find(page, 'List'))

    expect(linkTexts(page)).toEqual({ 'Parent', 'Child' })
    expect(top.children).toHaveLength(1)
    expect(linkTexts(ui.find(assert(top.children[1]), 'List'))).toEqual({ 'Child' })
    expect(ui.textOf(page)).toContain('The one above')
  end)

  it("shows a category's threads", function()
    forum.createThread(child.id, 'ann', 'Inside', 'content')
    local page = forumPage.render({ tenantId = 'acme', categoryId = child.id })

    expect(ui.textOf(assert(ui.find(page, 'Heading')))).toBe('Child')
    expect(linkTexts(page)).toEqual({ 'Inside' })
  end)

  it('says that there is nothing', function()
    expect(ui.textOf(forumPage.render({ tenantId = 'nobody' }))).toContain('No categories yet')
    expect(forumPage.render({ tenantId = 'acme', categoryId = 'nothing' }).type).toBe('Alert')
  end)

  it("does not show another tenant's category", function()
    local page = forumPage.render({ tenantId = 'globex', categoryId = parent.id })

    expect(page.type).toBe('Alert')
  end)
end)
