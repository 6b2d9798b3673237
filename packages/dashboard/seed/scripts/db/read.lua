--- Reading one thing.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local existing = require('existing')

local M = {}

---@class dashboard.FullDashboard: dashboard.Dashboard
---@field widgets dashboard.Widget[] in order

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
    dashboard.widgets = existing.widgetsOf(dashboard)
    return dashboard
  end)
end

return M
