local chat = require('irc_webchat')
local db = require('db')
local list = require('list')

---@type IrcChannel
local channel

before_each(function()
  channel = chat.createChannel('acme', { name = 'dev' })
end)

local function members(channelId)
  return list.pluck(
    db.ircMember.findMany({
      where = { channelId = channelId or channel.id },
      orderBy = { userId = 'asc' },
    }),
    'userId'
  )
end

local function memberCount()
  return assert(chat.getChannel(channel.id)).memberCount
end

local function channelNames(channels)
  return list.pluck(channels, 'name')
end

describe('createChannel', function()
  it('makes a channel; who makes it is in it', function()
    local made = chat.createChannel('acme', {
      name = '#Lua-Talk',
      topic = 'Lua',
      isPrivate = true,
      createdBy = 'ann',
    })

    expect(made).toMatchObject({
      tenantId = 'acme',
      name = 'lua-talk',
      topic = 'Lua',
      isPrivate = true,
      createdBy = 'ann',
      memberCount = 1,
      lastSequence = 0,
    })
    expect(members(made.id)).toEqual({ 'ann' })
    expect(chat.getChannel(made.id)).toEqual(made)
  end)

  it('has a name once in a tenant, in any case', function()
    for _, name in ipairs({ 'dev', '#dev', ' DEV ' }) do
      expect(function()
        chat.createChannel('acme', { name = name })
      end).toThrow({ code = 'taken' })
    end
    expect(chat.createChannel('globex', { name = 'dev' }).name).toBe('dev')
  end)

  it.each({
    { '#' },
    { 'two words' },
    { 'a,b' },
    { '##a' },
    { 'a:b' },
    { ('x'):rep(51) },
    { '\xff' },
    { 'a\0' },
  })('refuses the name "%s"', function(name)
    expect(function()
      chat.createChannel('acme', { name = name })
    end).toThrow({ code = 'wrong_name' })
  end)

  it.each({
    { 'tenantId', nil, { name = 'a' } },
    { 'channel.name', 'acme', {} },
    { 'channel.isPrivate', 'acme', { name = 'a', isPrivate = 1 } },
    { 'channel.topic', 'acme', { name = 'a', topic = {} } },
    { 'members', 'acme', { name = 'a', members = {} } },
  })('refuses a wrong %s', function(name, tenantId, fields)
    expect(function()
      chat.createChannel(tenantId, fields)
    end).toThrow(name)
  end)
end)

describe('on_tenant', function()
  it('gives a tenant its first channel', function()
    expect(channelNames(chat.listChannels('default'))).toEqual({ 'general' })
  end)
end)

describe('joinChannel', function()
  it('makes a member, once', function()
    local member = chat.joinChannel('ann', channel.id)

    expect(member).toMatchObject({ channelId = channel.id, userId = 'ann' })
    expect(chat.joinChannel('ann', channel.id)).toEqual(member)
    chat.joinChannel('ben', channel.id)
    expect(members()).toEqual({ 'ann', 'ben' })
    expect(memberCount()).toBe(2)
  end)

  it('needs an invitation where the channel is private', function()
    local private = chat.createChannel('acme', { name = 'x', isPrivate = true, createdBy = 'ann' })

    expect(function()
      chat.joinChannel('ben', private.id)
    end).toThrow({ code = 'invite_only' })
    expect(chat.joinChannel('ann', private.id).userId).toBe('ann')
    expect(members(private.id)).toEqual({ 'ann' })
  end)

  it('opens a channel by a name that none has', function()
    chat.joinChannel('ann', '#Lobby')
    chat.joinChannel('ben', 'lobby')
    chat.sendMessage('lobby', 'ann', 'hello')

    expect(chat.getChannel('lobby')).toMatchObject({
      id = '#Lobby',
      tenantId = 'default',
      name = 'lobby',
      createdBy = 'ann',
      memberCount = 2,
    })
    expect(chat.listMessages('LOBBY')).toHaveLength(1)
    expect(function()
      chat.joinChannel('ann', 'no such name')
    end).toThrow({ code = 'wrong_name' })
  end)

  it('opens a channel of the same name for each tenant', function()
    for _, tenant in ipairs({ 'acme', 'globex' }) do
      asCaller({ tenant = tenant }, function()
        chat.joinChannel('ann', 'lobby')
        chat.sendMessage('lobby', 'ann', 'from ' .. tenant)
        expect(list.pluck(chat.listMessages('lobby'), 'body')).toEqual({ 'from ' .. tenant })
      end)
    end
    expect(db.ircChannel.count({ where = { name = 'lobby' } })).toBe(2)
  end)

  it('must be told who and where', function()
    expect(function()
      chat.joinChannel(nil --[[@as any]], channel.id)
    end).toThrow('userId')
    expect(function()
      chat.joinChannel('ann', nil --[[@as any]])
    end).toThrow('channelId')
  end)
end)

describe('inviteUser', function()
  it('lets a member bring another one', function()
    local private = chat.createChannel('acme', { name = 'x', isPrivate = true, createdBy = 'ann' })
    chat.inviteUser(private.id, 'ann', 'ben')
    chat.inviteUser(private.id, 'ben', 'cleo')

    expect(members(private.id)).toEqual({ 'ann', 'ben', 'cleo' })
    expect(function()
      chat.inviteUser(private.id, 'eve', 'mallory')
    end).toThrow({ code = 'not_member' })
    expect(assert(chat.getChannel(private.id)).memberCount).toBe(3)
  end)
end)

describe('leaveChannel', function()
  it('ends a membership, once', function()
    chat.joinChannel('ann', channel.id)
    chat.joinChannel('ben', channel.id)

    expect(chat.leaveChannel('ann', channel.id)).toBe(true)
    expect(chat.leaveChannel('ann', channel.id)).toBe(false)
    expect(members()).toEqual({ 'ben' })
    expect(memberCount()).toBe(1)
  end)

  it('refuses a channel that is not there', function()
    expect(function()
      chat.leaveChannel('ann', 'nothing')
    end).toThrow({ code = 'not_found' })
    expect(function()
      chat.leaveChannel({} --[[@as any]], channel.id)
    end).toThrow('userId')
  end)

  it('never lets the counts drift, whatever is done', function()
    math.randomseed(3)
    local sent = 0
    chat.joinChannel('founder', channel.id)
    for _ = 1, 1000 do
      local user = 'user' .. math.random(8)
      local what = math.random(10)
      if what <= 4 then
        chat.joinChannel(user, channel.id)
      elseif what <= 7 then
        chat.leaveChannel(user, channel.id)
      elseif what == 8 then
        sent = sent + (pcall(chat.sendMessage, channel.id, user, 'hello') and 1 or 0)
      elseif what == 9 then
        chat.inviteUser(channel.id, 'founder', user)
      else
        pcall(db.transaction, function()
          chat.joinChannel('nobody', channel.id)
          error('changed my mind')
        end)
      end
    end

    expect(memberCount()).toBe(#members())
    expect(sent).toBeGreaterThan(10)
    expect(assert(chat.getChannel(channel.id)).lastSequence).toBe(sent)
    expect(db.message.count()).toBe(sent)
  end)
end)

describe('isMember', function()
  it('tells members from others', function()
    chat.joinChannel('ann', channel.id)
    expect(chat.isMember(channel.id, 'ann')).toBe(true)
    expect(chat.isMember(channel.id, 'ben')).toBe(false)
    expect(chat.isMember('nothing', 'ann')).toBe(false)
  end)
end)

describe('listChannels', function()
  it('lists the public ones by name, and the private ones of a user', function()
    chat.createChannel('acme', { name = 'announce' })
    chat.createChannel('acme', { name = 'board', isPrivate = true, createdBy = 'ann' })
    chat.createChannel('globex', { name = 'elsewhere' })

    expect(channelNames(chat.listChannels('acme'))).toEqual({ 'announce', 'dev' })
    expect(channelNames(chat.listChannels('acme', 'ann'))).toEqual({ 'announce', 'board', 'dev' })
    expect(channelNames(chat.listChannels('acme', 'ben'))).toEqual({ 'announce', 'dev' })
    expect(function()
      chat.listChannels(nil --[[@as any]])
    end).toThrow('tenantId')
  end)
end)

describe('listMembers', function()
  it('lists who is in, to who is in', function()
    chat.joinChannel('ann', channel.id)
    chat.joinChannel('ben', channel.id)

    expect(chat.listMembers(channel.id)).toHaveLength(2)
    asCaller({ tenant = 'acme', user = 'ann', level = 1 }, function()
      expect(chat.listMembers(channel.id)).toHaveLength(2)
    end)
    asCaller({ tenant = 'acme', user = 'eve', level = 1 }, function()
      expect(function()
        chat.listMembers(channel.id)
      end).toThrow({ code = 'not_member' })
    end)
  end)
end)

describe('updateChannel', function()
  it('changes what is named, and keeps the rest', function()
    local changed = chat.updateChannel(channel.id, { name = '#Tools', topic = 'New' })

    expect(changed).toMatchObject({ name = 'tools', topic = 'New', isPrivate = false })
    expect(chat.updateChannel(channel.id, { topic = db.null }).topic).toBeNil()
  end)

  it('keeps names apart', function()
    chat.createChannel('acme', { name = 'other' })
    expect(chat.updateChannel(channel.id, { name = 'DEV' }).name).toBe('dev')
    expect(function()
      chat.updateChannel(channel.id, { name = 'other' })
    end).toThrow({ code = 'taken' })
    expect(function()
      chat.updateChannel(channel.id, { name = 'no way' })
    end).toThrow({ code = 'wrong_name' })
    expect(function()
      chat.updateChannel(channel.id, { memberCount = 7 })
    end).toThrow('memberCount')
  end)
end)

describe('deleteChannel', function()
  it('takes its members and messages along', function()
    local kept = chat.createChannel('acme', { name = 'kept', createdBy = 'ann' })
    chat.sendMessage(kept.id, 'ann', 'stays')
    chat.joinChannel('ann', channel.id)
    chat.sendMessage(channel.id, 'ann', 'goes')

    expect(chat.deleteChannel(channel.id).name).toBe('dev')
    expect(db.message.count()).toBe(1)
    expect(db.ircMember.count()).toBe(1)
    expect(function()
      chat.deleteChannel(channel.id)
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('getChannel', function()
  it.each({ { '' }, { 7 }, { { 'a' } } })('refuses %s for an id', function(channelId)
    expect(function()
      chat.getChannel(channelId)
    end).toThrow('`channelId` must be ')
  end)
end)
