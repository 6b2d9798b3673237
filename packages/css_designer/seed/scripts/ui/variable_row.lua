--- VariableRow: one variable with its value.
local ui = require('ui')

local M = {}

---@class css_designer.VariableRowProps
---@field name string with or without the dashes
---@field value string

--- Renders the row; a color has a swatch.
---@param props css_designer.VariableRowProps
---@return ui.Node
function M.render(props)
  local isColor = props.value:find('^#%x+$')
    or props.value:find('^rgba?%(')
    or props.value:find('^hsla?%(')
  return ui.ListItem({
    key = props.name,
    isColor and ui.Icon({ name = 'square', color = props.value }),
    ui.Code((props.name:gsub('^%-*', '--'))),
    ui.Text(props.value),
  })
end

return M
