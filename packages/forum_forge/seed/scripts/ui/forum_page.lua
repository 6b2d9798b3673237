--- ForumPage: a tenant's categories as a tree; with a category, its threads.
local ctx = require('ctx')
local list = require('list')
local queries = require('db.queries') --[[@as forum_forge.db.queries]]
local threadList = require('ui.thread_list')
local ui = require('ui')

local M = {}

---@class forum_forge.ForumPageProps
---@field tenantId? string the caller's, if left out
---@field categoryId? string

-- Renders the categories inside `parentId` (nil for the top ones), each with those inside it.
local function tree(categories, parentId)
  local inside = list.filter(categories, function(category)
    return category.parentId == parentId
  end)
  if #inside == 0 then
    return nil
  end
  return ui.List({
    list.map(inside, function(category)
      return ui.ListItem({
        key = category.id,
        ui.Link({ page = 'ForumPage', params = { categoryId = category.id }, category.name }),
        category.description and ui.Text({ variant = 'caption', category.description }),
        tree(categories, category.id),
      })
    end),
  })
end

local function newThreadForm(category)
  return ui.Form({
    onSubmit = ui.action('forum_forge.createThread', category.id, ctx.user),
    ui.Input({ name = 'title', label = 'Title', required = true }),
    ui.Textarea({ name = 'content', label = 'First post', required = true }),
    ui.Button({ type = 'submit', 'Open a thread' }),
  })
end

local function categoryView(categories, category)
  return ui.Container({
    ui.Heading({ level = 1, category.name }),
    category.description and ui.Text(category.description),
    tree(categories, category.id),
    threadList.render({
      threads = queries.listThreads(category.id),
      onOpen = 'forum_forge.getThread',
    }),
    ctx.user and newThreadForm(category),
  })
end

--- Renders the page from `listCategories` and `listThreads`.
---@param props forum_forge.ForumPageProps
---@return ui.Node
function M.render(props)
  local categories = queries.listCategories(props.tenantId or ctx.tenant)
  if not props.categoryId then
    return ui.Container({
      ui.Heading({ level = 1, 'Forum' }),
      tree(categories) or ui.Alert({ severity = 'info', 'No categories yet' }),
    })
  end
  local category = list.find(categories, function(candidate)
    return candidate.id == props.categoryId
  end)
  if not category then
    return ui.Alert({ severity = 'error', 'There is no such category' })
  end
  return categoryView(categories, category)
end

return M
