--- New channels, members and messages.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local existing = require('existing') --[[@as irc_webchat.existing]]
local members = require('members')
local names = require('names') --[[@as irc_webchat.names]]
local text = require('text')
local time = require('time')

---@class irc_webchat.db.create
local M = {}

local longestBody = 4000

---@class irc_webchat.NewChannel
---@field name string with or without the `#`
---@field topic? string
---@field isPrivate? boolean joined by invitation
---@field createdBy? string becomes its first member; the caller, if left out

--- Makes a channel. A name in use raises `taken`, one that a channel cannot have `wrong_name`.
---@param tenantId string
---@param channel irc_webchat.NewChannel
---@return IrcChannel
function M.createChannel(tenantId, channel)
  check.tenant(tenantId, 'tenantId')
  channel = check.fields(channel, 'channel', {
    name = 'text',
    topic = 'string?',
    isPrivate = 'boolean?',
    createdBy = 'id?',
  })
  local name = names.normalize(channel.name)
  local founder = channel.createdBy or ctx.user

  return db.transaction(function()
    names.checkFree(tenantId, name)
    local made = db.ircChannel.create({
      data = {
        tenantId = tenantId,
        name = name,
        topic = channel.topic,
        isPrivate = channel.isPrivate,
        createdBy = founder,
        createdAt = time.now(),
      },
    })
    if founder then
      members.add(made, founder)
      made.memberCount = 1
    end
    return made
  end)
end

-- Makes the channel that is joined by a name which none has yet, as IRC does. The name becomes its
-- id, too, unless another tenant's channel has that.
local function openChannel(channelId, founderId)
  local name = names.normalize(channelId)
  local other = db.ircChannel.findUnique({ where = { id = channelId } })
  if other and other.name ~= name then
    -- It was not made by that name: somebody knows the id of another tenant's channel.
    check.found(nil, 'channel', channelId)
  end
  return db.ircChannel.create({
    data = {
      id = not other and channelId or nil,
      tenantId = ctx.tenant,
      name = name,
      createdBy = founderId,
      createdAt = time.now(),
    },
  })
end

--- Makes a user a member of a channel. A second time changes nothing. A name that no channel has
--- opens one. A private channel refuses with the code `invite_only`.
---@param userId string
---@param channelId string its id or name
---@return IrcMember
function M.joinChannel(userId, channelId)
  check.id(userId, 'userId')
  check.id(channelId, 'channelId')
  return db.transaction(function()
    local channel = existing.findChannel(channelId) or openChannel(channelId, userId)
    if channel.isPrivate and not existing.findMember(channel.id, userId) then
      local message = '#%s is private: one of its members invites who is to join'
      error(check.fault('invite_only', message:format(channel.name)))
    end
    return members.add(channel, userId)
  end)
end

--- Makes a user a member of a channel on behalf of one who is, also of a private one.
---@param channelId string
---@param inviterId string
---@param userId string
---@return IrcMember
function M.inviteUser(channelId, inviterId, userId)
  check.id(channelId, 'channelId')
  check.id(inviterId, 'inviterId')
  check.id(userId, 'userId')
  return db.transaction(function()
    local channel = existing.channel(channelId)
    existing.member(channel, inviterId)
    return members.add(channel, userId)
  end)
end

--- Writes to a channel. Who is no member of it is refused with the code `not_member`.
---@param channelId string
---@param userId string
---@param body string at most 4,000 characters
---@return Message
function M.sendMessage(channelId, userId, body)
  check.id(channelId, 'channelId')
  check.id(userId, 'userId')
  check.text(body, 'body')
  local length = text.length(body)
  if not length or length > longestBody then
    local message = '`body` must be text of at most %d characters'
    error(check.fault('too_long', message:format(longestBody)))
  end

  return db.transaction(function()
    local channel = existing.channel(channelId)
    existing.member(channel, userId)
    local numbered = db.ircChannel.update({
      where = { id = channel.id },
      data = { lastSequence = { increment = 1 } },
    })
    return db.message.create({
      data = {
        senderId = userId,
        recipientId = channel.id,
        threadId = channel.id,
        sequence = numbered.lastSequence,
        body = body,
        createdAt = time.now(),
      },
    })
  end)
end

return M
