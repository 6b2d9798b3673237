--- DashboardGrid: widgets at their places.
local list = require('list')
local ui = require('ui')
local widgetCard = require('ui.widget_card')

local M = {}

local defaultColumns = 12

---@class dashboard.DashboardGridProps
---@field widgets dashboard.Widget[]
---@field columns? integer 12 if left out
---@field onRemove? string the operation that removes a widget

--- Renders the grid, or a line that says that it is empty.
---@param props dashboard.DashboardGridProps
---@return ui.Node
function M.render(props)
  local widgets = props.widgets or {}
  if #widgets == 0 then
    return ui.Alert({ severity = 'info', 'No widgets yet' })
  end
  return ui.Grid({
    columns = props.columns or defaultColumns,
    list.map(widgets, function(widget)
      local position = widget.position or {}
      return ui.Box({
        key = widget.id,
        x = position.x,
        y = position.y,
        width = position.width,
        height = position.height,
        widgetCard.render({ widget = widget, onRemove = props.onRemove }),
      })
    end),
  })
end

return M
