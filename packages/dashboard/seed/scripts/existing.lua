--- Dashboards and widgets as callers see them. What a caller may not reach, or is not there, raises
--- `not_found`.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')
local list = require('list')

---@class dashboard.existing
local M = {}

---@class dashboard.Dashboard
---@field id string
---@field tenantId string
---@field userId? string
---@field name string
---@field description? string
---@field layout dashboard.Layout
---@field widgets string[] ids, in order
---@field isDefault boolean
---@field isShared boolean
---@field createdAt integer milliseconds since the epoch
---@field updatedAt? integer milliseconds since the epoch

---@class dashboard.Widget
---@field id string
---@field tenantId string
---@field userId string
---@field dashboardId? string
---@field type 'chart'|'stats'|'list'|'calendar'|string
---@field title string
---@field config table<string, any>
---@field position dashboard.Position
---@field sortOrder integer
---@field createdAt integer milliseconds since the epoch
---@field updatedAt? integer milliseconds since the epoch

--- Decodes the JSON columns of a Dashboard in place.
---@param record Dashboard
---@return dashboard.Dashboard
function M.decodeDashboard(record)
  return json.decodeFields(record, { 'layout', 'widgets' })
end

--- Decodes the JSON columns of a DashboardWidget in place.
---@param record DashboardWidget
---@return dashboard.Widget
function M.decodeWidget(record)
  return json.decodeFields(record, { 'config', 'position' })
end

--- Returns a dashboard.
---@param dashboardId string
---@return dashboard.Dashboard
function M.dashboard(dashboardId)
  local where = { id = dashboardId, tenantId = ctx.bound }
  local record = check.found(db.dashboard.findFirst({ where = where }), 'dashboard', dashboardId)
  return M.decodeDashboard(record)
end

--- Returns a widget that lies on a dashboard.
---@param widgetId string
---@return dashboard.Widget
function M.widget(widgetId)
  local where = { id = widgetId, tenantId = ctx.bound, dashboardId = { ['not'] = db.null } }
  local record = check.found(db.dashboardWidget.findFirst({ where = where }), 'widget', widgetId)
  return M.decodeWidget(record)
end

--- Returns the widgets of a dashboard, in order.
---@param dashboard dashboard.Dashboard
---@return dashboard.Widget[]
function M.widgetsOf(dashboard)
  local records = db.dashboardWidget.findMany({ where = { dashboardId = dashboard.id } })
  local byId = list.keyBy(list.map(records, M.decodeWidget), 'id')
  return list.map(dashboard.widgets, function(id)
    return byId[id]
  end)
end

--- Returns the widgets of a dashboard but one: what that one must not overlap.
---@param dashboard dashboard.Dashboard
---@param widgetId string
---@return dashboard.Widget[]
function M.widgetsBeside(dashboard, widgetId)
  return list.filter(M.widgetsOf(dashboard), function(widget)
    return widget.id ~= widgetId
  end)
end

return M
