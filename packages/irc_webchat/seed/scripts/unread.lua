--- Which messages are news to a member.
local db = require('db')

local M = {}

--- Returns the condition for what a member has not read: later messages, but the own ones.
---@param member IrcMember
---@return MessageWhereInput
function M.of(member)
  return {
    threadId = member.channelId,
    sequence = { gt = member.lastReadSequence },
    -- In SQL a sender that is NULL is not different from anybody.
    OR = { { senderId = db.null }, { senderId = { ['not'] = member.userId } } },
  }
end

return M
