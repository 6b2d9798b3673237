--- ThemeList: themes, one row each.
local list = require('list')
local ui = require('ui')

local M = {}

---@class css_designer.ThemeListProps
---@field themes css_designer.Theme[]
---@field onChoose? string the operation that makes a theme the default

local function row(theme, onChoose)
  return ui.ListItem({
    key = theme.id,
    ui.Link({ page = 'ThemePage', params = { themeId = theme.id }, theme.name }),
    theme.isDefault and ui.Chip('Default'),
    theme.isPublic and ui.Chip('Public'),
    theme.description and ui.Text({ variant = 'caption', theme.description }),
    onChoose
      and not theme.isDefault
      and ui.Button({ onClick = ui.action(onChoose, theme.id), 'Make default' }),
  })
end

--- Renders the list, or a line that says that there are none yet.
---@param props css_designer.ThemeListProps
---@return ui.Node
function M.render(props)
  local themes = props.themes or {}
  if #themes == 0 then
    return ui.Alert({ severity = 'info', 'No themes yet' })
  end
  return ui.List({
    list.map(themes, function(theme)
      return row(theme, props.onChoose)
    end),
  })
end

return M
