--- Reads polls.
local db = require('db')

local M = {}

---@class polls.Filters
---@field closed? boolean
---@field take? integer

--- Lists a tenant's polls, newest first.
---@param tenantId string
---@param filters? polls.Filters
---@return Poll[]
function M.listPolls(tenantId, filters)
  filters = filters or {}
  return db.poll.findMany({
    where = { tenantId = tenantId, closed = filters.closed },
    orderBy = { { createdAt = 'desc' }, { id = 'asc' } },
    take = filters.take or 20,
  })
end

--- Closes a poll.
---@param pollId string
---@return Poll
function M.closePoll(pollId)
  return db.transaction(function(tx)
    tx.answer.updateMany({ where = { pollId = pollId }, data = { votes = { increment = 0 } } })
    return tx.poll.update({ where = { id = pollId }, data = { closed = true } })
  end)
end

return M
