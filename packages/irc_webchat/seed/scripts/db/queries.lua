--- Lists of channels, members and messages.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as irc_webchat.existing]]
local list = require('list')
local unread = require('unread')

---@class irc_webchat.db.queries
local M = {}

local defaultMessages, mostMessages = 50, 200

--- Lists a tenant's channels by name: the public ones, and the private ones of a user.
---@param tenantId string
---@param userId? string
---@return IrcChannel[]
function M.listChannels(tenantId, userId)
  check.tenant(tenantId, 'tenantId')
  userId = check.type(userId, 'id?', 'userId')
  ---@type IrcChannelWhereInput[]
  local seen = { { isPrivate = false } }
  if userId then
    seen[2] = { members = { some = { userId = userId } } }
  end
  return db.ircChannel.findMany({
    where = { tenantId = tenantId, OR = seen },
    orderBy = { { name = 'asc' }, { id = 'asc' } },
  })
end

--- Lists the members of a channel, in the order in which they joined. Only members see them.
---@param channelId string
---@return IrcMember[]
function M.listMembers(channelId)
  check.id(channelId, 'channelId')
  local channel = existing.readableChannel(channelId)
  return db.ircMember.findMany({
    where = { channelId = channel.id },
    orderBy = { { joinedAt = 'asc' }, { userId = 'asc' } },
  })
end

-- Finds messages of a channel around one of them: those before it, or those after.
local function messagesOf(channelId, limit, direction, cursorId)
  limit = math.min(limit or defaultMessages, mostMessages)
  local channel = existing.readableChannel(channelId)
  local where = { threadId = channel.id }
  if cursorId then
    local found = db.message.findFirst({ where = { id = cursorId, threadId = channel.id } })
    local cursor = check.found(found, 'message', cursorId)
    where.sequence = { [direction] = cursor.sequence }
  end
  return db.message.findMany({
    where = where,
    orderBy = { sequence = direction == 'lt' and 'desc' or 'asc' },
    take = limit,
  })
end

--- Lists the newest messages of a channel, the newest last; with a cursor, those before it. Only
--- members read them: the code is `not_member`.
---@param channelId string
---@param limit? integer at most 200, 50 if left out
---@param before? string the id of the earliest message seen: the list ends before it
---@return Message[]
function M.listMessages(channelId, limit, before)
  check.id(channelId, 'channelId')
  limit = check.type(limit, 'count?', 'limit')
  before = check.type(before, 'id?', 'before')
  return list.reversed(db.transaction(function()
    return messagesOf(channelId, limit, 'lt', before)
  end))
end

--- Lists the messages that came after one, the newest last: what there is to add to a list.
---@param channelId string
---@param after string the id of the latest message seen
---@param limit? integer at most 200, 50 if left out
---@return Message[]
function M.listMessagesAfter(channelId, after, limit)
  check.id(channelId, 'channelId')
  check.id(after, 'after')
  limit = check.type(limit, 'count?', 'limit')
  return db.transaction(function()
    return messagesOf(channelId, limit, 'gt', after)
  end)
end

--- Counts what a user has not read, by the ids of the channels. Channels with nothing new are left
--- out.
---@param userId string
---@return table<string, integer>
function M.countUnreadByChannel(userId)
  check.id(userId, 'userId')
  return db.transaction(function()
    local where = { userId = userId, channel = existing.channels() }
    local memberships = db.ircMember.findMany({ where = where })
    local counts = {}
    if #memberships == 0 then
      return counts
    end
    local groups = db.message.groupBy({
      by = { 'threadId' },
      where = { OR = list.map(memberships, unread.of) },
      _count = { _all = true },
    })
    for _, group in ipairs(groups) do
      counts[group.threadId] = group._count._all
    end
    return counts
  end)
end

return M
