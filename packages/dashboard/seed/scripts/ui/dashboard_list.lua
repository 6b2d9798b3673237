--- DashboardList: links to dashboards.
local list = require('list')
local ui = require('ui')

local M = {}

---@class dashboard.DashboardListProps
---@field dashboards dashboard.Dashboard[]
---@field currentId? string the one that is shown

--- Renders the links, or a line that says that there are none yet.
---@param props dashboard.DashboardListProps
---@return ui.Node
function M.render(props)
  local dashboards = props.dashboards or {}
  if #dashboards == 0 then
    return ui.Alert({ severity = 'info', 'No dashboards yet' })
  end
  return ui.Tabs({
    list.map(dashboards, function(dashboard)
      return ui.Tab({
        key = dashboard.id,
        selected = dashboard.id == props.currentId,
        page = 'DashboardPage',
        params = { dashboardId = dashboard.id },
        dashboard.name,
      })
    end),
  })
end

return M
