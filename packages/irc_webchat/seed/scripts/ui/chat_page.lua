--- ChatPage: a tenant's channels; with one of them, its messages and a line to write in.
local channelList = require('ui.channel_list')
local ctx = require('ctx')
local messageList = require('ui.message_list')
local queries = require('db.queries') --[[@as irc_webchat.db.queries]]
local read = require('db.read') --[[@as irc_webchat.db.read]]
local text = require('text')
local ui = require('ui')

local M = {}

local pageSize = 50

---@class irc_webchat.ChatPageProps
---@field tenantId? string the caller's, if left out
---@field channelId? string
---@field before? string the id of a message: those before it are shown

local function heading(channel)
  return ui.Flex({
    justify = 'between',
    ui.Heading({ level = 1, '#' .. channel.name }),
    ui.Badge(text.plural(channel.memberCount, 'member')),
    channel.topic and ui.Text(channel.topic),
  })
end

local function earlier(channel, messages)
  return #messages == pageSize
    and ui.Link({
      page = 'ChatPage',
      params = { channelId = channel.id, before = messages[1].id },
      'Earlier',
    })
end

local function messageForm(channel)
  return ui.Form({
    onSubmit = ui.action('irc_webchat.sendMessage', channel.id, ctx.user),
    ui.Input({ name = 'body', label = 'Message', required = true }),
    ui.Button({ type = 'submit', 'Send' }),
  })
end

local function channelView(channel, before)
  local mayRead = ctx.operator and not ctx.user
    or ctx.user ~= nil and read.isMember(channel.id, ctx.user)
  if not mayRead then
    return ui.Alert({
      severity = 'info',
      'Only members read #' .. channel.name,
      ctx.user and not channel.isPrivate and ui.Button({
        onClick = ui.action('irc_webchat.joinChannel', ctx.user, channel.id),
        'Join',
      }),
    })
  end
  local messages = queries.listMessages(channel.id, pageSize, before)
  return {
    heading(channel),
    earlier(channel, messages),
    messageList.render({ messages = messages, userId = ctx.user }),
    ctx.user and messageForm(channel),
  }
end

--- Renders the page from `listChannels` and `listMessages`.
---@param props irc_webchat.ChatPageProps
---@return ui.Node
function M.render(props)
  local channel
  if props.channelId then
    channel = read.getChannel(props.channelId)
    if not channel then
      return ui.Alert({ severity = 'error', 'There is no such channel' })
    end
  end
  return ui.Container({
    channelList.render({
      channels = queries.listChannels(props.tenantId or ctx.tenant, ctx.user),
      unread = ctx.user and queries.countUnreadByChannel(ctx.user),
      currentId = props.channelId,
    }),
    channel and channelView(channel, props.before),
  })
end

return M
