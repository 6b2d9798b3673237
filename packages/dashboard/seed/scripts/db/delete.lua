--- Removing dashboards and widgets.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as dashboard.existing]]
local json = require('json')
local list = require('list')
local time = require('time')

local M = {}

--- Deletes a dashboard with its widgets, and returns what it was.
---@param dashboardId string
---@return dashboard.Dashboard
function M.deleteDashboard(dashboardId)
  check.id(dashboardId, 'dashboardId')
  return db.transaction(function()
    local dashboard = existing.dashboard(dashboardId)
    db.dashboard.delete({ where = { id = dashboard.id } })
    return dashboard
  end)
end

--- Takes a widget off its dashboard, and returns what it was.
---@param widgetId string
---@return dashboard.Widget
function M.removeWidget(widgetId)
  check.id(widgetId, 'widgetId')
  return db.transaction(function()
    local widget = existing.widget(widgetId)
    local dashboard = existing.dashboard(assert(widget.dashboardId))
    local left = list.filter(dashboard.widgets, function(id)
      return id ~= widget.id
    end)
    db.dashboardWidget.delete({ where = { id = widget.id } })
    db.dashboard.update({
      where = { id = dashboard.id },
      data = { widgets = json.encode(json.array(left)), updatedAt = time.now() },
    })
    return widget
  end)
end

return M
