--- Adding members, and counting them.
local db = require('db')
local existing = require('existing') --[[@as irc_webchat.existing]]
local time = require('time')

local M = {}

--- Makes a user a member; one who is stays as it is. Call it in a transaction.
---
--- What was written before is no news to who joins.
---@param channel IrcChannel
---@param userId string
---@return IrcMember
function M.add(channel, userId)
  local member = existing.findMember(channel.id, userId)
  if member then
    return member
  end
  db.ircChannel.update({ where = { id = channel.id }, data = { memberCount = { increment = 1 } } })
  return db.ircMember.create({
    data = {
      channelId = channel.id,
      userId = userId,
      joinedAt = time.now(),
      lastReadSequence = channel.lastSequence,
    },
  })
end

return M
