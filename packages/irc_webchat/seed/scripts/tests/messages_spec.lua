local chat = require('irc_webchat')
local db = require('db')
local list = require('list')

---@type IrcChannel
local channel

before_each(function()
  channel = chat.createChannel('acme', { name = 'talk' })
  chat.joinChannel('ann', channel.id)
  chat.joinChannel('ben', channel.id)
end)

local function say(user, ...)
  local messages = {}
  for _, body in ipairs({ ... }) do
    messages[#messages + 1] = chat.sendMessage(channel.id, user, body)
  end
  return messages
end

local function bodies(messages)
  return list.pluck(messages, 'body')
end

local function as(user, body)
  return asCaller({ tenant = 'acme', user = user, level = 1 }, body)
end

describe('sendMessage', function()
  it('writes to the channel', function()
    local message = assert(say('ann', 'Hello <b>you</b>')[1])

    expect(message).toMatchObject({
      senderId = 'ann',
      recipientId = channel.id,
      threadId = channel.id,
      sequence = 1,
      body = 'Hello <b>you</b>',
      isRead = false,
    })
    expect(message.createdAt).toBeType('integer')
  end)

  it('is for members', function()
    expect(function()
      chat.sendMessage(channel.id, 'eve', 'let me in')
    end).toThrow({ code = 'not_member' })
    chat.leaveChannel('ann', channel.id)
    expect(function()
      chat.sendMessage(channel.id, 'ann', 'still here?')
    end).toThrow({ code = 'not_member' })
    expect(db.message.count()).toBe(0)
    expect(assert(chat.getChannel(channel.id)).lastSequence).toBe(0)
  end)

  it('takes 4,000 characters', function()
    expect(say('ann', ('é'):rep(4000))).toHaveLength(1)
    expect(function()
      say('ann', ('x'):rep(4001))
    end).toThrow({ code = 'too_long' })
  end)

  it.each({
    { 'channelId', nil, 'ann', 'x' },
    { 'userId', 'c', '', 'x' },
    { 'body', 'c', 'ann', nil },
    { 'body', 'c', 'ann', ' \n' },
    { 'body', 'c', 'ann', { 'x' } },
    { 'body', 'c', 'ann', '\xff\xfe' },
  })('refuses a wrong %s', function(name, channelId, userId, body)
    expect(function()
      chat.sendMessage(channelId, userId, body)
    end).toThrow(name)
  end)

  it('refuses a channel that is not there', function()
    expect(function()
      chat.sendMessage('nothing', 'ann', 'x')
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('listMessages', function()
  it('lists the newest last', function()
    say('ann', 'one', 'two')
    say('ben', 'three')

    expect(bodies(chat.listMessages(channel.id))).toEqual({ 'one', 'two', 'three' })
    expect(bodies(chat.listMessages(channel.id, 2))).toEqual({ 'two', 'three' })
    expect(chat.listMessages(channel.id, 0)).toEqual({})
  end)

  it('goes back behind a cursor, and neither repeats nor loses one', function()
    for index = 1, 7 do
      say('ann', tostring(index))
    end
    local seen, cursor = {}, nil
    repeat
      local page = chat.listMessages(channel.id, 3, cursor)
      seen = list.concat(bodies(page), seen)
      cursor = page[1] and page[1].id
    until not cursor

    expect(seen).toEqual({ '1', '2', '3', '4', '5', '6', '7' })
  end)

  it('gives 50 if no limit is asked for, and never more than 200', function()
    for index = 1, 205 do
      say('ann', tostring(index))
    end
    expect(chat.listMessages(channel.id)).toHaveLength(50)
    expect(chat.listMessages(channel.id, 1000)).toHaveLength(200)
  end)

  it('is for members', function()
    say('ann', 'secret')
    as('ben', function()
      expect(bodies(chat.listMessages(channel.id))).toEqual({ 'secret' })
    end)
    as('eve', function()
      expect(function()
        chat.listMessages(channel.id)
      end).toThrow({ code = 'not_member' })
    end)
    asCaller({ tenant = 'acme', level = 0 }, function()
      expect(function()
        chat.listMessages(channel.id)
      end).toThrow({ code = 'not_member' })
    end)
    chat.leaveChannel('ben', channel.id)
    as('ben', function()
      expect(function()
        chat.listMessages(channel.id)
      end).toThrow({ code = 'not_member' })
    end)
  end)

  it('knows only the channel’s own messages as cursors', function()
    local other = chat.createChannel('acme', { name = 'other', createdBy = 'ann' })
    local message = chat.sendMessage(other.id, 'ann', 'x')
    expect(function()
      chat.listMessages(channel.id, 10, message.id)
    end).toThrow({ code = 'not_found' })
  end)

  it.each({
    { 'channelId', nil },
    { 'limit', 'c', -1 },
    { 'limit', 'c', 'all' },
    { 'before', 'c', 10, {} },
  })('refuses a wrong %s', function(name, channelId, limit, before)
    expect(function()
      chat.listMessages(channelId, limit, before)
    end).toThrow(name)
  end)
end)

describe('listMessagesAfter', function()
  it('lists what came since', function()
    local first = assert(say('ann', 'one')[1])
    say('ben', 'two', 'three', 'four')

    expect(bodies(chat.listMessagesAfter(channel.id, first.id))).toEqual({ 'two', 'three', 'four' })
    expect(bodies(chat.listMessagesAfter(channel.id, first.id, 2))).toEqual({ 'two', 'three' })
    expect(function()
      chat.listMessagesAfter(channel.id, nil --[[@as any]])
    end).toThrow('after')
    as('eve', function()
      expect(function()
        chat.listMessagesAfter(channel.id, first.id)
      end).toThrow({ code = 'not_member' })
    end)
  end)
end)

describe('countUnread', function()
  it('counts the messages of others since one joined', function()
    say('ann', 'one', 'two')
    chat.joinChannel('cleo', channel.id)
    say('ann', 'three')
    say('ben', 'four')

    expect(chat.countUnread(channel.id, 'ann')).toBe(1)
    expect(chat.countUnread(channel.id, 'ben')).toBe(3)
    expect(chat.countUnread(channel.id, 'cleo')).toBe(2)
  end)

  it('is for members', function()
    expect(function()
      chat.countUnread(channel.id, 'eve')
    end).toThrow({ code = 'not_member' })
  end)
end)

describe('markRead', function()
  it('reads up to a message, and never back', function()
    local messages = say('ann', 'one', 'two', 'three')

    chat.markRead(channel.id, 'ben', messages[2].id)
    expect(chat.countUnread(channel.id, 'ben')).toBe(1)
    chat.markRead(channel.id, 'ben', messages[1].id)
    expect(chat.countUnread(channel.id, 'ben')).toBe(1)
    chat.markRead(channel.id, 'ben')
    expect(chat.countUnread(channel.id, 'ben')).toBe(0)
    say('ann', 'four')
    expect(chat.countUnread(channel.id, 'ben')).toBe(1)
  end)

  it('is for members, and for the channel’s messages', function()
    expect(function()
      chat.markRead(channel.id, 'eve')
    end).toThrow({ code = 'not_member' })
    expect(function()
      chat.markRead(channel.id, 'ann', 'nothing')
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('countUnreadByChannel', function()
  it('counts in all channels of a user', function()
    local other = chat.createChannel('acme', { name = 'other', createdBy = 'ben' })
    local silent = chat.createChannel('acme', { name = 'silent', createdBy = 'ben' })
    chat.joinChannel('ann', other.id)
    chat.joinChannel('ann', silent.id)
    say('ben', 'one', 'two')
    chat.sendMessage(other.id, 'ben', 'three')
    chat.sendMessage(silent.id, 'ann', 'own')

    expect(chat.countUnreadByChannel('ann')).toEqual({ [channel.id] = 2, [other.id] = 1 })
    expect(chat.countUnreadByChannel('ben')).toEqual({ [silent.id] = 1 })
    expect(chat.countUnreadByChannel('eve')).toEqual({})
    expect(function()
      chat.countUnreadByChannel(nil --[[@as any]])
    end).toThrow('userId')
  end)
end)

describe('deleteMessage', function()
  it('takes one out, and gives its number to no other', function()
    local messages = say('ann', 'one', 'two', 'three')

    expect(chat.deleteMessage(messages[3].id).body).toBe('three')
    expect(say('ben', 'four')[1].sequence).toBe(4)
    expect(bodies(chat.listMessages(channel.id))).toEqual({ 'one', 'two', 'four' })
    expect(chat.countUnread(channel.id, 'ben')).toBe(2)
    expect(function()
      chat.deleteMessage(messages[3].id)
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('another tenant', function()
  it('reaches neither channels nor messages', function()
    local message = say('ann', 'secret')[1]

    -- The same user's name in another tenant is another user's.
    asCaller({ tenant = 'globex', user = 'ann' }, function()
      expect(chat.getChannel(channel.id)).toBeNil()
      expect(chat.isMember(channel.id, 'ann')).toBe(false)
      expect(chat.countUnreadByChannel('ben')).toEqual({})
      for name, arguments in pairs({
        joinChannel = { 'eve', channel.id },
        leaveChannel = { 'ann', channel.id },
        inviteUser = { channel.id, 'ann', 'eve' },
        sendMessage = { channel.id, 'ann', 'x' },
        listMessages = { channel.id },
        listMessagesAfter = { channel.id, message.id },
        listMembers = { channel.id },
        countUnread = { channel.id, 'ben' },
        markRead = { channel.id, 'ben' },
        updateChannel = { channel.id, { topic = 'Mine' } },
        deleteChannel = { channel.id },
        deleteMessage = { message.id },
      }) do
        expect(function()
          chat[name](table.unpack(arguments))
        end).toThrow({ code = 'not_found' })
      end
      expect(function()
        chat.createChannel('acme', { name = 'mine' })
      end).toThrow({ code = 'forbidden' })
      expect(function()
        chat.listChannels('acme')
      end).toThrow({ code = 'forbidden' })
    end)

    expect(chat.getChannel(channel.id)).toMatchObject({ memberCount = 2, lastSequence = 1 })
    expect(bodies(chat.listMessages(channel.id))).toEqual({ 'secret' })
    expect(chat.countUnread(channel.id, 'ben')).toBe(1)
  end)
end)

describe('isMember', function()
  it.each({ { '' }, { 7 }, { { 'a' } } })('refuses %s for an id', function(userId)
    expect(function()
      chat.isMember('lobby', userId)
    end).toThrow('`userId` must be ')
  end)
end)
