--- The names of channels, as IRC has them.
local check = require('check')
local db = require('db')
local text = require('text')

---@class irc_webchat.names
local M = {}

local longestName = 50

--- Returns a channel's name without its `#` and in lower case. Raises `wrong_name` for one that a
--- channel cannot have.
---@param name string
---@return string
function M.normalize(name)
  local plain = text.trim(name):gsub('^#', ''):lower()
  local length = text.length(plain)
  if not length or length == 0 or length > longestName or plain:find('[%s%c,#:]') then
    local message = 'a channel is named in 1 to %d characters without blanks, commas, `#` and `:`'
    error(check.fault('wrong_name', message:format(longestName)))
  end
  return plain
end

--- Raises `taken` where another channel of the tenant has the name.
---@param tenantId string
---@param name string
---@param channelId? string the one that may have it
function M.checkFree(tenantId, name, channelId)
  local other = db.ircChannel.findFirst({ where = { tenantId = tenantId, name = name } })
  if other and other.id ~= channelId then
    check.free(other, 'channel', name)
  end
end

return M
