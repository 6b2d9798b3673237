--- Reading one thing.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as forum_forge.existing]]

---@class forum_forge.db.read
local M = {}

--- Returns a thread and counts the view; nil where there is none.
---@param threadId string
---@return ForumThread?
function M.getThread(threadId)
  check.id(threadId, 'threadId')
  return db.transaction(function()
    local counted = db.forumThread.updateMany({
      where = { id = threadId, category = existing.categories() },
      data = { viewCount = { increment = 1 } },
    })
    if counted.count == 0 then
      return nil
    end
    return db.forumThread.findUnique({ where = { id = threadId } })
  end)
end

return M
