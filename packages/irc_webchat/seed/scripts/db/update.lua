--- Changes of channels, and what members have read.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as irc_webchat.existing]]
local names = require('names') --[[@as irc_webchat.names]]

local M = {}

---@class irc_webchat.ChannelChanges
---@field name? string
---@field topic? string|db.Null null empties it
---@field isPrivate? boolean

--- Changes a channel; what is not named stays.
---@param channelId string
---@param changes irc_webchat.ChannelChanges
---@return IrcChannel
function M.updateChannel(channelId, changes)
  check.id(channelId, 'channelId')
  local fields = { name = 'text', topic = 'string?', isPrivate = 'boolean' }
  local data = check.changes(changes, 'changes', fields)
  ---@type string?
  local name = data.name and names.normalize(data.name)
  data.name = name
  return db.transaction(function()
    local channel = existing.channel(channelId)
    if name then
      names.checkFree(channel.tenantId, name, channel.id)
    end
    return db.ircChannel.update({ where = { id = channel.id }, data = data })
  end)
end

--- Marks a channel as read by a member, up to a message. What was read before stays read.
---@param channelId string
---@param userId string
---@param messageId? string the newest one, if left out
---@return IrcMember
function M.markRead(channelId, userId, messageId)
  check.id(channelId, 'channelId')
  check.id(userId, 'userId')
  messageId = check.type(messageId, 'id?', 'messageId')
  return db.transaction(function()
    local channel = existing.channel(channelId)
    local member = existing.member(channel, userId)
    ---@type integer?
    local sequence = channel.lastSequence
    if messageId then
      local where = { id = messageId, threadId = channel.id }
      sequence = check.found(db.message.findFirst({ where = where }), 'message', messageId).sequence
    end
    return db.ircMember.update({
      where = { channelId_userId = { channelId = channel.id, userId = userId } },
      data = { lastReadSequence = math.max(sequence or 0, member.lastReadSequence) // 1 },
    })
  end)
end

return M
