local channelList = require('ui.channel_list')
local chat = require('irc_webchat')
local chatPage = require('ui.chat_page')
local list = require('list')
local messageLine = require('ui.message_line')
local messageList = require('ui.message_list')
local ui = require('ui')

describe('MessageLine', function()
  it('shows who said what', function()
    local message = { id = 'm1', senderId = 'ann', body = '<b>hi</b>', createdAt = 0 }
    local node = messageLine.render({ message = message, own = true } --[[@as any]])

    expect(ui.textOf(node)).toBe('ann <b>hi</b> 1970-01-01T00:00:00.000Z')
    expect(node.props.className).toBe('own')
    ---@type any
    local props = { message = { id = 'm2', body = 'x', createdAt = 0 } }
    expect(ui.textOf(messageLine.render(props))).toStartWith('system')
  end)
end)

describe('MessageList', function()
  it('marks one’s own messages', function()
    local messages = {
      { id = 'm1', senderId = 'ann', body = 'a', createdAt = 0 },
      { id = 'm2', senderId = 'ben', body = 'b', createdAt = 0 },
    }
    local node = messageList.render({ messages = messages, userId = 'ben' } --[[@as any]])

    expect(assert(assert(node.children[1]).props).className).toBeNil()
    expect(assert(assert(node.children[2]).props).className).toBe('own')
  end)

  it('says that there is nothing', function()
    expect(messageList.render({ messages = {} }).type).toBe('Alert')
  end)
end)

describe('ChannelList', function()
  it('shows what is unread', function()
    local channels = {
      { id = 'c1', name = 'dev', isPrivate = false },
      { id = 'c2', name = 'board', isPrivate = true },
    }
    local node =
      channelList.render({ channels = channels, unread = { c2 = 3 }, currentId = 'c1' } --[[@as any]])

    expect(list.map(ui.findAll(node, 'ListItem'), ui.textOf)).toEqual({ '#dev', '#board 3' })
    expect(assert(assert(node.children[1]).props).selected).toBe(true)
    expect(ui.findAll(node, 'Icon')).toHaveLength(1)
  end)

  it('says that there are none', function()
    expect(channelList.render({ channels = {} }).type).toBe('Alert')
  end)
end)

describe('ChatPage', function()
  ---@type IrcChannel
  local channel

  before_each(function()
    channel = chat.createChannel('acme', { name = 'dev', topic = 'Tools', createdBy = 'ann' })
  end)

  local function pageOf(user, props)
    return asCaller({ tenant = 'acme', user = user, level = 1 }, function()
      return chatPage.render(props)
    end)
  end

  it('shows a member the messages, and a line to write in', function()
    chat.sendMessage(channel.id, 'ann', 'hello')
    local page = pageOf('ann', { channelId = channel.id })

    expect(ui.textOf(page)).toContain('#dev 1 member Tools')
    expect(ui.textOf(page)).toContain('hello')
    expect(assert(ui.find(page, 'Form')).props.onSubmit.args).toEqual({ channel.id, 'ann' })
    expect(ui.textOf(page)).never.toContain('Earlier')
  end)

  it('leads to earlier messages', function()
    ---@type Message
    local first
    for index = 1, 51 do
      local message = chat.sendMessage(channel.id, 'ann', 'number ' .. index)
      first = index == 2 and message or first
    end
    local page = pageOf('ann', { channelId = channel.id })
    local link = assert(ui.findAll(page, 'Link')[2])

    expect(link.props.params).toEqual({ channelId = channel.id, before = first.id })
    expect(ui.textOf(pageOf('ann', link.props.params))).toContain('number 1')
  end)

  it('lets others join, and shows them nothing', function()
    chat.sendMessage(channel.id, 'ann', 'secret')
    local page = pageOf('eve', { channelId = channel.id })

    expect(ui.textOf(page)).never.toContain('secret')
    expect(assert(ui.find(page, 'Button')).props.onClick.args).toEqual({ 'eve', channel.id })
  end)

  it('shows the channels, and that one is not there', function()
    expect(ui.textOf(pageOf('ann', {}))).toContain('#dev')
    expect(pageOf('ann', { channelId = 'nothing' }).type).toBe('Alert')
  end)
end)
