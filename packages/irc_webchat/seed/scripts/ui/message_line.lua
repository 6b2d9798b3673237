--- MessageLine: one message with its sender and its time.
local time = require('time')
local ui = require('ui')

local M = {}

---@class irc_webchat.MessageLineProps
---@field message Message
---@field own? boolean whether the reader wrote it

--- Renders the line. A message is plain text: nothing in it is taken for markup.
---@param props irc_webchat.MessageLineProps
---@return ui.Node
function M.render(props)
  local message = props.message
  return ui.ListItem({
    key = message.id,
    className = props.own and 'own' or nil,
    ui.Text({ weight = 'bold', message.senderId or 'system' }),
    ui.Text(message.body),
    ui.Text({ variant = 'caption', time.iso(message.createdAt) }),
  })
end

return M
