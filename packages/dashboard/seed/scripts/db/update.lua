--- Changes of dashboards and widgets.
local check = require('check')
local db = require('db')
local default = require('default')
local existing = require('existing') --[[@as dashboard.existing]]
local grid = require('grid')
local json = require('json')
local list = require('list')
local names = require('names') --[[@as dashboard.names]]
local time = require('time')

local M = {}

---@class dashboard.DashboardChanges
---@field name? string
---@field description? string|db.Null null empties it
---@field layout? dashboard.Layout
---@field widgets? string[] the ids of all its widgets in their new order
---@field isDefault? boolean
---@field isShared? boolean

-- Puts the widgets of a dashboard in another order.
---@param dashboard dashboard.Dashboard
---@param widgetIds string[]
local function reorder(dashboard, widgetIds)
  local same = #widgetIds == #dashboard.widgets
    and list.all(dashboard.widgets, function(id)
      return list.contains(widgetIds, id)
    end)
  if not same then
    local message = '`changes.widgets` must name each of the %d widgets once'
    error(check.fault('wrong_widgets', message:format(#dashboard.widgets)))
  end
  for index, id in ipairs(widgetIds) do
    db.dashboardWidget.update({ where = { id = id }, data = { sortOrder = index - 1 } })
  end
  return json.array(widgetIds)
end

--- Changes a dashboard. A grid too narrow for its widgets raises `outside`.
---@param dashboardId string
---@param changes dashboard.DashboardChanges
---@return dashboard.Dashboard
function M.updateDashboard(dashboardId, changes)
  check.id(dashboardId, 'dashboardId')
  changes = check.changes(changes, 'changes', {
    name = 'text',
    description = 'string?',
    layout = 'object',
    widgets = 'array',
    isDefault = 'boolean',
    isShared = 'boolean',
  })

  return db.transaction(function()
    local dashboard = existing.dashboard(dashboardId)
    if changes.name then
      names.checkFree(dashboard.tenantId, dashboard.userId, changes.name, dashboard.id)
    end
    if changes.layout then
      changes.layout = grid.checkLayout(changes.layout, 'changes.layout')
      for _, widget in ipairs(existing.widgetsOf(dashboard)) do
        grid.checkInside(widget.position, changes.layout, widget.title)
      end
    end
    if changes.widgets then
      changes.widgets = reorder(dashboard, changes.widgets)
    end
    if changes.isDefault then
      default.clear(dashboard.tenantId, dashboard.userId)
    end
    changes.updatedAt = time.now()
    return existing.decodeDashboard(db.dashboard.update({
      where = { id = dashboard.id },
      data = json.encodeFields(changes, { 'layout', 'widgets' }),
    }))
  end)
end

--- Makes a dashboard the one that its user (or, without one, its tenant) begins with.
---@param dashboardId string
---@return dashboard.Dashboard
function M.setDefaultDashboard(dashboardId)
  check.id(dashboardId, 'dashboardId')
  return M.updateDashboard(dashboardId, { isDefault = true })
end

---@class dashboard.WidgetChanges
---@field type? 'chart'|'stats'|'list'|'calendar'|string
---@field title? string
---@field config? table<string, any>
---@field position? dashboard.Size

-- What is left out of a position stays as it is.
local function moved(widget, position)
  local wanted = check.changes(position, 'position', {
    x = 'count',
    y = 'count',
    width = 'count',
    height = 'count',
  })
  for side, value in pairs(widget.position) do
    wanted[side] = wanted[side] or value
  end
  local dashboard = existing.dashboard(assert(widget.dashboardId))
  local others = existing.widgetsBeside(dashboard, widget.id)
  return grid.place(wanted, dashboard.layout, others, 'position')
end

--- Changes a widget. A place that another one has raises `overlap`, one off the grid `outside`.
---@param widgetId string
---@param changes dashboard.WidgetChanges
---@return dashboard.Widget
function M.updateWidget(widgetId, changes)
  check.id(widgetId, 'widgetId')
  changes = check.changes(changes, 'changes', {
    type = 'id',
    title = 'text',
    config = 'object',
    position = 'object',
  })

  return db.transaction(function()
    local widget = existing.widget(widgetId)
    changes.position = changes.position and moved(widget, changes.position)
    changes.updatedAt = time.now()
    return existing.decodeWidget(db.dashboardWidget.update({
      where = { id = widget.id },
      data = json.encodeFields(changes, { 'config', 'position' }),
    }))
  end)
end

--- Moves or resizes a widget; what is left out of `position` stays as it is.
---@param widgetId string
---@param position dashboard.Size
---@return dashboard.Widget
function M.moveWidget(widgetId, position)
  check.id(widgetId, 'widgetId')
  check.type(position, 'object', 'position')
  return M.updateWidget(widgetId, { position = position })
end

return M
