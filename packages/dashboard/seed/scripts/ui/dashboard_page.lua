--- DashboardPage: one dashboard with its widgets, and the way to the others.
local ctx = require('ctx')
local dashboardGrid = require('ui.dashboard_grid')
local dashboardList = require('ui.dashboard_list')
local queries = require('db.queries') --[[@as dashboard.db.queries]]
local read = require('db.read') --[[@as dashboard.db.read]]
local text = require('text')
local ui = require('ui')

local M = {}

---@class dashboard.DashboardPageProps
---@field dashboardId? string the user's default, if left out
---@field tenantId? string the caller's, if left out
---@field userId? string the caller, if left out

local function heading(dashboard)
  return ui.Flex({
    justify = 'between',
    ui.Heading({ level = 1, dashboard.name }),
    dashboard.isDefault and ui.Chip('Default') or ui.Button({
      onClick = ui.action('dashboard.setDefaultDashboard', dashboard.id),
      'Make it my default',
    }),
    dashboard.isShared and ui.Chip('Shared'),
    ui.Badge(text.plural(#dashboard.widgets, 'widget')),
  })
end

local function newWidgetForm(dashboard)
  return ui.Form({
    onSubmit = ui.action('dashboard.addWidget', dashboard.id),
    ui.Input({ name = 'title', label = 'Title', required = true }),
    ui.Select({
      name = 'type',
      label = 'Kind',
      ui.Option({ value = 'chart', 'Chart' }),
      ui.Option({ value = 'stats', 'Numbers' }),
      ui.Option({ value = 'list', 'List' }),
      ui.Option({ value = 'calendar', 'Calendar' }),
    }),
    ui.Button({ type = 'submit', 'Add a widget' }),
  })
end

--- Renders the page from `listDashboards` and `getDashboard`.
---@param props dashboard.DashboardPageProps
---@return ui.Node
function M.render(props)
  local tenantId, userId = props.tenantId or ctx.tenant, props.userId or ctx.user
  local dashboards = queries.listDashboards(tenantId, userId)
  local first = queries.getDefaultDashboard(tenantId, userId) or dashboards[1]
  local chosen = props.dashboardId or (first and first.id)
  local dashboard = chosen and read.getDashboard(chosen)
  if chosen and not dashboard then
    return ui.Alert({ severity = 'error', 'There is no such dashboard' })
  end

  return ui.Container({
    dashboardList.render({ dashboards = dashboards, currentId = chosen }),
    dashboard and {
      heading(dashboard),
      dashboard.description and ui.Text(dashboard.description),
      dashboardGrid.render({
        widgets = dashboard.widgets,
        columns = dashboard.layout.columns,
        onRemove = 'dashboard.removeWidget',
      }),
      newWidgetForm(dashboard),
    },
  })
end

return M
