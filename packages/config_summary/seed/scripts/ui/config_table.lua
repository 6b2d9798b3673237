--- ConfigTable: keys with their values, a row each.
local configValue = require('ui.config_value')
local list = require('list')
local time = require('time')
local ui = require('ui')

local M = {}

---@class config_summary.ConfigTableProps
---@field title string
---@field entries config_summary.Shown[]

local function row(entry)
  return ui.ListItem({
    key = entry.key,
    ui.Text({ weight = 'bold', entry.key }),
    configValue.render({ value = entry.value, masked = entry.masked }),
    entry.expiresAt and ui.Text({ variant = 'caption', 'until ' .. time.iso(entry.expiresAt) }),
  })
end

--- Renders the table, or a line that says that there is nothing.
---@param props config_summary.ConfigTableProps
---@return ui.Node
function M.render(props)
  local entries = props.entries or {}
  return ui.Section({
    ui.Heading({ level = 2, props.title }),
    #entries == 0 and ui.Alert({ severity = 'info', 'Nothing is set' })
      or ui.List({ list.map(entries, row) }),
  })
end

return M
