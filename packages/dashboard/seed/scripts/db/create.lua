--- New dashboards and widgets.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local default = require('default')
local existing = require('existing') --[[@as dashboard.existing]]
local grid = require('grid')
local json = require('json')
local names = require('names') --[[@as dashboard.names]]
local time = require('time')

local M = {}

local mostWidgets = 100

---@class dashboard.NewDashboard
---@field name string
---@field description? string
---@field layout? dashboard.Layout
---@field widgets? dashboard.NewWidget[] added in this order
---@field isDefault? boolean
---@field isShared? boolean

--- Makes a dashboard, with widgets or without. A name that is in use raises `taken`.
---@param tenantId string
---@param userId? string whose it is; nil for the whole tenant's
---@param dashboard dashboard.NewDashboard
---@return dashboard.Dashboard
function M.createDashboard(tenantId, userId, dashboard)
  check.tenant(tenantId, 'tenantId')
  userId = check.type(userId, 'id?', 'userId')
  dashboard = check.fields(dashboard, 'dashboard', {
    name = 'text',
    description = 'string?',
    layout = 'object?',
    widgets = 'array?',
    isDefault = 'boolean?',
    isShared = 'boolean?',
  })
  local layout = grid.checkLayout(dashboard.layout, 'dashboard.layout')

  return db.transaction(function()
    names.checkFree(tenantId, userId, dashboard.name)
    if dashboard.isDefault then
      default.clear(tenantId, userId)
    end
    local made = db.dashboard.create({
      data = json.encodeFields({
        tenantId = tenantId,
        userId = userId,
        name = dashboard.name,
        description = dashboard.description,
        layout = layout,
        widgets = json.array(),
        isDefault = dashboard.isDefault,
        isShared = dashboard.isShared,
        createdAt = time.now(),
      }, { 'layout', 'widgets' }),
    })
    for _, widget in ipairs(dashboard.widgets or {}) do
      M.addWidget(made.id, widget)
    end
    return existing.dashboard(made.id)
  end)
end

---@class dashboard.NewWidget
---@field type 'chart'|'stats'|'list'|'calendar'|string
---@field title string
---@field userId? string who adds it: the caller, else the dashboard's user, if left out
---@field config? table<string, any>
---@field position? dashboard.Size the first free place, if left out

--- Adds a widget at the end of a dashboard's. A place that another one has raises `overlap`, one
--- off the grid `outside`.
---@param dashboardId string
---@param widget dashboard.NewWidget
---@return dashboard.Widget
function M.addWidget(dashboardId, widget)
  check.id(dashboardId, 'dashboardId')
  widget = check.fields(widget, 'widget', {
    type = 'id',
    title = 'text',
    userId = 'id?',
    config = 'object?',
    position = 'object?',
  })

  return db.transaction(function()
    local dashboard = existing.dashboard(dashboardId)
    local others = existing.widgetsOf(dashboard)
    if #others >= mostWidgets then
      local message = 'a dashboard has %d widgets at the most'
      error(check.fault('full', message:format(mostWidgets)))
    end
    local now = time.now()
    local added = db.dashboardWidget.create({
      data = json.encodeFields({
        tenantId = dashboard.tenantId,
        userId = check.id(widget.userId or ctx.user or dashboard.userId, 'widget.userId'),
        dashboardId = dashboard.id,
        type = widget.type,
        title = widget.title,
        config = widget.config or {},
        position = grid.place(widget.position, dashboard.layout, others, 'widget.position'),
        sortOrder = #others,
        createdAt = now,
      }, { 'config', 'position' }),
    })
    dashboard.widgets[#dashboard.widgets + 1] = added.id
    db.dashboard.update({
      where = { id = dashboard.id },
      data = { widgets = json.encode(dashboard.widgets), updatedAt = now },
    })
    return existing.decodeWidget(added)
  end)
end

return M
