--- ThreadView: one thread with a page of its posts, and a form to reply.
local ctx = require('ctx')
local list = require('list')
local postCard = require('ui.post_card')
local queries = require('db.queries') --[[@as forum_forge.db.queries]]
local read = require('db.read') --[[@as forum_forge.db.read]]
local text = require('text')
local ui = require('ui')

local M = {}

local moderatorLevel = 2

---@class forum_forge.ThreadViewProps
---@field threadId string
---@field take? integer posts on a page, 20 if left out
---@field skip? integer posts before the page

local function heading(thread)
  return ui.Flex({
    thread.isPinned and ui.Chip('Pinned'),
    thread.isLocked and ui.Chip('Locked'),
    ui.Heading({ level = 1, thread.title }),
    ui.Text({ variant = 'caption', text.plural(thread.viewCount, 'view') }),
  })
end

local function moderation(thread)
  return ui.Flex({
    ui.Button({
      onClick = ui.action('forum_forge.pinThread', thread.id, not thread.isPinned),
      thread.isPinned and 'Unpin' or 'Pin',
    }),
    ui.Button({
      onClick = ui.action('forum_forge.lockThread', thread.id, not thread.isLocked),
      thread.isLocked and 'Unlock' or 'Lock',
    }),
  })
end

local function pager(thread, take, skip)
  local function link(label, first)
    return ui.Link({
      page = 'ThreadView',
      params = { threadId = thread.id, take = take, skip = first },
      label,
    })
  end
  local posts = thread.replyCount + 1
  return ui.Flex({
    skip > 0 and link('Earlier', math.max(skip - take, 0)),
    skip + take < posts and link('Later', skip + take),
  })
end

local function replyForm(thread)
  if thread.isLocked then
    return ui.Alert({ severity = 'info', 'This thread is locked' })
  elseif not ctx.user then
    return ui.Alert({ severity = 'info', 'Sign in to reply' })
  end
  return ui.Form({
    onSubmit = ui.action('forum_forge.createPost', thread.id, ctx.user),
    ui.Textarea({ name = 'content', label = 'Your reply', required = true }),
    ui.Button({ type = 'submit', 'Reply' }),
  })
end

--- Renders the page from `getThread` and `listPosts`. Showing a thread counts a view.
---@param props forum_forge.ThreadViewProps
---@return ui.Node
function M.render(props)
  local thread = read.getThread(props.threadId)
  if not thread then
    return ui.Alert({ severity = 'error', 'There is no such thread' })
  end
  local take, skip = props.take or 20, props.skip or 0
  local posts = queries.listPosts(thread.id, { take = take, skip = skip })

  return ui.Container({
    heading(thread),
    ctx.level >= moderatorLevel and moderation(thread),
    ui.Stack({
      list.map(posts, function(post)
        return postCard.render({ post = post, userId = ctx.user, onLike = 'forum_forge.likePost' })
      end),
    }),
    pager(thread, take, skip),
    replyForm(thread),
  })
end

return M
