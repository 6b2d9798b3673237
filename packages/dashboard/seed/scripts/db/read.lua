--- Reading one thing.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local existing = require('existing') --[[@as dashboard.existing]]

---@class dashboard.db.read
local M = {}

---@class dashboard.FullDashboard: dashboard.Dashboard
---@field widgets dashboard.Widget[] all of them, in order

--- Returns a dashboard with its widgets; nil where there is none.
---@param dashboardId string
---@return dashboard.FullDashboard?
function M.getDashboard(dashboardId)
  check.id(dashboardId, 'dashboardId')
  return db.transaction(function()
    local where = { id = dashboardId, tenantId = ctx.bound }
    local record = db.dashboard.findFirst({ where = where })
    if not record then
      return nil
    end
    local dashboard = existing.decodeDashboard(record)
    local full = dashboard --[[@as dashboard.FullDashboard]]
    full.widgets = existing.widgetsOf(dashboard)
    return full
  end)
end

return M
