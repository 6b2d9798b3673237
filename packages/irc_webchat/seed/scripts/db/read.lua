--- Reading one channel, and how much of it is unread.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local existing = require('existing')
local unread = require('unread')

local M = {}

--- Returns a channel; nil where there is none.
---@param channelId string
---@return IrcChannel?
function M.getChannel(channelId)
  check.id(channelId, 'channelId')
  return db.ircChannel.findFirst({ where = { id = channelId, tenantId = ctx.bound } })
end

--- Tells whether a user is a member of a channel.
---@param channelId string
---@param userId string
---@return boolean
function M.isMember(channelId, userId)
  check.id(channelId, 'channelId')
  check.id(userId, 'userId')
  local where = { channelId = channelId, userId = userId, channel = existing.channels() }
  return db.ircMember.count({ where = where }) > 0
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
