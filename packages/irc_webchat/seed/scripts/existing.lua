--- Channels and members that must be there. What a caller may not reach, or is not there, raises
--- `not_found`; who is no member, `not_member`.
local check = require('check')
local ctx = require('ctx')
local db = require('db')

---@class irc_webchat.existing
local M = {}

--- Returns the condition for a channel that the caller may reach; nil for one who may reach all.
---@return IrcChannelWhereInput?
function M.channels()
  return ctx.bound and { tenantId = ctx.bound }
end

--- Looks for a channel by its id, or by its name in the caller's tenant.
---@param channelId string
---@return IrcChannel?
function M.findChannel(channelId)
  local byId = db.ircChannel.findFirst({ where = { id = channelId, tenantId = ctx.bound } })
  if byId then
    return byId
  end
  local name = channelId:gsub('^#', ''):lower()
  return db.ircChannel.findFirst({ where = { tenantId = ctx.tenant, name = name } })
end

--- Returns a channel.
---@param channelId string
---@return IrcChannel
function M.channel(channelId)
  return check.found(M.findChannel(channelId), 'channel', channelId)
end

--- Returns a user's membership; nil where there is none.
---@param channelId string
---@param userId string
---@return IrcMember?
function M.findMember(channelId, userId)
  return db.ircMember.findFirst({ where = { channelId = channelId, userId = userId } })
end

--- Returns a user's membership of a channel.
---@param channel IrcChannel
---@param userId string
---@return IrcMember
function M.member(channel, userId)
  local member = M.findMember(channel.id, userId)
  if not member then
    local message = 'the user "%s" is no member of #%s'
    error(check.fault('not_member', message:format(userId, channel.name)))
  end
  return member
end

--- Returns a channel that the caller may read: as a member, or as the operator, who is nobody's
--- user.
---@param channelId string
---@return IrcChannel
function M.readableChannel(channelId)
  local channel = M.channel(channelId)
  if ctx.user then
    M.member(channel, ctx.user)
  elseif not ctx.operator then
    error(check.fault('not_member', ('only members read #%s'):format(channel.name)))
  end
  return channel
end

--- Returns a message of a channel.
---@param messageId string
---@return Message
function M.message(messageId)
  local where = { id = messageId, threadId = { ['not'] = db.null }, channel = M.channels() }
  return check.found(db.message.findFirst({ where = where }), 'message', messageId)
end

return M
