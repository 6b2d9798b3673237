--- ThemePreview: a theme's variables, and the CSS that comes of it.
local list = require('list')
local ui = require('ui')
local variableRow = require('ui.variable_row')

local M = {}

---@class css_designer.ThemePreviewProps
---@field theme css_designer.Theme
---@field css string

--- Renders the preview.
---@param props css_designer.ThemePreviewProps
---@return ui.Node
function M.render(props)
  local theme = props.theme
  local variables = theme.variables or {}
  return ui.Section({
    ui.Heading({ level = 2, theme.name }),
    ui.List({
      list.map(list.keys(variables), function(name)
        return variableRow.render({ name = name, value = tostring(variables[name]) })
      end),
    }),
    ui.Code({ language = 'css', props.css }),
  })
end

return M
