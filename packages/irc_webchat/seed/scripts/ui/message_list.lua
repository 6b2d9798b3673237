--- MessageList: messages, the newest last.
local list = require('list')
local messageLine = require('ui.message_line')
local ui = require('ui')

local M = {}

---@class irc_webchat.MessageListProps
---@field messages Message[]
---@field userId? string whose own messages are marked

--- Renders the list, or a line that says that there is nothing yet.
---@param props irc_webchat.MessageListProps
---@return ui.Node
function M.render(props)
  local messages = props.messages or {}
  if #messages == 0 then
    return ui.Alert({ severity = 'info', 'No messages yet' })
  end
  return ui.List({
    list.map(messages, function(message)
      local own = props.userId ~= nil and message.senderId == props.userId
      return messageLine.render({ message = message, own = own })
    end),
  })
end

return M
