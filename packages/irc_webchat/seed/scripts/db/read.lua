--- Reading one channel, and how much of it is unread.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as irc_webchat.existing]]
local unread = require('unread')

---@class irc_webchat.db.read
local M = {}

--- Returns a channel; nil where there is none.
---@param channelId string its id or name
---@return IrcChannel?
function M.getChannel(channelId)
  check.id(channelId, 'channelId')
  return existing.findChannel(channelId)
end

--- Tells whether a user is a member of a channel.
---@param channelId string
---@param userId string
---@return boolean
function M.isMember(channelId, userId)
  check.id(channelId, 'channelId')
  check.id(userId, 'userId')
  return db.transaction(function()
    local channel = existing.findChannel(channelId)
    return channel ~= nil and existing.findMember(channel.id, userId) ~= nil
  end)
end

--- Counts the messages of others that a member has not read yet.
---@param channelId string
---@param userId string
---@return integer
function M.countUnread(channelId, userId)
  check.id(channelId, 'channelId')
  check.id(userId, 'userId')
  return db.transaction(function()
    local member = existing.member(existing.channel(channelId), userId)
    return db.message.count({ where = unread.of(member) })
  end)
end

return M
