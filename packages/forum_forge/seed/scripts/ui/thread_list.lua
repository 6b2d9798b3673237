--- ThreadList: threads, one row each.
local list = require('list')
local text = require('text')
local time = require('time')
local ui = require('ui')

local M = {}

---@class forum_forge.ThreadListProps
---@field threads ForumThread[]
---@field onOpen? string the operation that opens a thread

local function row(thread, onOpen)
  local numbers = text.plural(thread.replyCount, 'reply', 'replies')
    .. ' · '
    .. text.plural(thread.viewCount, 'view')
  return ui.ListItem({
    key = thread.id,
    onClick = onOpen and ui.action(onOpen, thread.id),
    thread.isPinned and ui.Icon({ name = 'push_pin', label = 'Pinned' }),
    thread.isLocked and ui.Icon({ name = 'lock', label = 'Locked' }),
    ui.Link({ page = 'ThreadView', params = { threadId = thread.id }, thread.title }),
    ui.Text({ variant = 'caption', ('by %s · %s'):format(thread.authorId, numbers) }),
    ui.Text({ variant = 'caption', 'last post ' .. time.iso(thread.lastPostAt) }),
  })
end

--- Renders the list, or a line that says that there is nothing yet.
---@param props forum_forge.ThreadListProps
---@return ui.Node
function M.render(props)
  local threads = props.threads or {}
  if #threads == 0 then
    return ui.Alert({ severity = 'info', 'No threads yet' })
  end
  return ui.List({
    list.map(threads, function(thread)
      return row(thread, props.onOpen)
    end),
  })
end

return M
