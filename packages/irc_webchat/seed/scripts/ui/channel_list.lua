--- ChannelList: channels with the numbers of unread messages.
local list = require('list')
local ui = require('ui')

local M = {}

---@class irc_webchat.ChannelListProps
---@field channels IrcChannel[]
---@field unread? table<string, integer> by the channels' ids
---@field currentId? string the one that is shown

--- Renders the list, or a line that says that there are none.
---@param props irc_webchat.ChannelListProps
---@return ui.Node
function M.render(props)
  local channels, unread = props.channels or {}, props.unread or {}
  if #channels == 0 then
    return ui.Alert({ severity = 'info', 'No channels yet' })
  end
  return ui.List({
    list.map(channels, function(channel)
      return ui.ListItem({
        key = channel.id,
        selected = channel.id == props.currentId,
        channel.isPrivate and ui.Icon({ name = 'lock', label = 'Private' }),
        ui.Link({ page = 'ChatPage', params = { channelId = channel.id }, '#' .. channel.name }),
        unread[channel.id] and ui.Badge(unread[channel.id]),
      })
    end),
  })
end

return M
