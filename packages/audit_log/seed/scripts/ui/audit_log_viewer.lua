--- AuditLogViewer: a tenant's audit entries with the filters that chose them.
local auditLogTable = require('ui.audit_log_table')
local list = require('list')
local queries = require('db.queries') --[[@as audit_log.db.queries]]
local text = require('text')
local ui = require('ui')

local M = {}

-- The filters that choose entries; limit and offset only cut the page.
local choosing = { 'userId', 'entity', 'action' }

---@class audit_log.AuditLogViewerProps
---@field tenantId string
---@field filters? audit_log.Filters

--- Renders the page from `listAuditLogs`.
---@param props audit_log.AuditLogViewerProps
---@return ui.Node
function M.render(props)
  local filters = props.filters or {}
  local logs = queries.listAuditLogs(props.tenantId, filters)
  local chosen = list.filter(choosing, function(name)
    return filters[name] ~= nil
  end)

  return ui.Container({
    ui.Flex({
      justify = 'between',
      ui.Heading({ level = 1, 'Audit log' }),
      ui.Badge(text.plural(#logs, 'entry', 'entries')),
    }),
    #chosen > 0 and ui.Flex({
      list.map(chosen, function(name)
        return ui.Chip(name .. ': ' .. filters[name])
      end),
    }),
    auditLogTable.render({ logs = logs, onFilter = 'audit_log.listAuditLogs' }),
  })
end

return M
