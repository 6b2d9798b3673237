--- Leaving channels, and removing channels and messages.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as irc_webchat.existing]]

local M = {}

--- Ends a user's membership. Returns whether there was one.
---@param userId string
---@param channelId string
---@return boolean
function M.leaveChannel(userId, channelId)
  check.id(userId, 'userId')
  check.id(channelId, 'channelId')
  return db.transaction(function()
    local channel = existing.channel(channelId)
    local left = db.ircMember.deleteMany({ where = { channelId = channel.id, userId = userId } })
    if left.count > 0 then
      db.ircChannel.update({
        where = { id = channel.id },
        data = { memberCount = { decrement = 1 } },
      })
    end
    return left.count > 0
  end)
end

--- Deletes a channel with its members and messages, and returns what it was.
---@param channelId string
---@return IrcChannel
function M.deleteChannel(channelId)
  check.id(channelId, 'channelId')
  return db.transaction(function()
    local channel = existing.channel(channelId)
    return db.ircChannel.delete({ where = { id = channel.id } })
  end)
end

--- Deletes a message of a channel, and returns what it was. Its number is not given again.
---@param messageId string
---@return Message
function M.deleteMessage(messageId)
  check.id(messageId, 'messageId')
  return db.transaction(function()
    local message = existing.message(messageId)
    return db.message.delete({ where = { id = message.id } })
  end)
end

return M
