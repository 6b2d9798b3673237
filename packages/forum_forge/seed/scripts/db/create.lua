--- New categories, threads and posts.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as forum_forge.existing]]
local text = require('text')
local time = require('time')

---@class forum_forge.db.create
local M = {}

---@class forum_forge.NewCategory
---@field name string
---@field description? string
---@field slug? string made from the name, if left out; a number is added where a sibling has it
---@field sortOrder? integer 0 if left out; lower comes first
---@field parentId? string the category that it lies in

--- Makes a category.
---@param tenantId string
---@param category forum_forge.NewCategory
---@return ForumCategory
function M.createCategory(tenantId, category)
  check.tenant(tenantId, 'tenantId')
  category = check.fields(category, 'category', {
    name = 'text',
    description = 'string?',
    slug = 'text?',
    sortOrder = 'integer?',
    parentId = 'id?',
  })

  return db.transaction(function()
    local parent = category.parentId and existing.category(category.parentId)
    if parent and parent.tenantId ~= tenantId then
      error(check.fault('not_found', 'the parent category belongs to another tenant'))
    end
    local slug = text.uniqueSlug(category.slug or category.name, 'category', function(prefix)
      return db.forumCategory.findMany({
        where = {
          tenantId = tenantId,
          parentId = category.parentId or db.null,
          slug = { startsWith = prefix },
        },
        select = { slug = true },
      })
    end)
    return db.forumCategory.create({
      data = {
        tenantId = tenantId,
        name = category.name,
        description = category.description,
        slug = slug,
        sortOrder = category.sortOrder,
        parentId = category.parentId,
        createdAt = time.now(),
      },
    })
  end)
end

--- Opens a thread; `content` becomes its first post.
---@param categoryId string
---@param authorId string anybody's id: it need not be a User's
---@param title string
---@param content string
---@return ForumThread
function M.createThread(categoryId, authorId, title, content)
  check.id(categoryId, 'categoryId')
  check.id(authorId, 'authorId')
  check.text(title, 'title')
  check.text(content, 'content')

  return db.transaction(function()
    local category = existing.category(categoryId)
    local now = time.now()
    local slug = text.uniqueSlug(title, 'thread', function(prefix)
      return db.forumThread.findMany({
        where = { categoryId = category.id, slug = { startsWith = prefix } },
        select = { slug = true },
      })
    end)
    local thread = db.forumThread.create({
      data = {
        categoryId = category.id,
        authorId = authorId,
        title = title,
        slug = slug,
        createdAt = now,
        lastPostAt = now,
      },
    })
    db.forumPost.create({
      data = { threadId = thread.id, authorId = authorId, content = content, createdAt = now },
    })
    return thread
  end)
end

--- Replies to a thread. A locked one refuses with the code `locked`.
---@param threadId string
---@param authorId string anybody's id: it need not be a User's
---@param content string
---@return ForumPost
function M.createPost(threadId, authorId, content)
  check.id(threadId, 'threadId')
  check.id(authorId, 'authorId')
  check.text(content, 'content')

  return db.transaction(function()
    local thread = existing.openThread(threadId)
    local now = time.now()
    local post = db.forumPost.create({
      data = { threadId = thread.id, authorId = authorId, content = content, createdAt = now },
    })
    db.forumThread.update({
      where = { id = thread.id },
      data = { replyCount = { increment = 1 }, lastPostAt = now },
    })
    return post
  end)
end

return M
