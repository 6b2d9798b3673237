--- AuditLogTable: audit entries as a table, a row each.
local json = require('json')
local list = require('list')
local text = require('text')
local time = require('time')
local ui = require('ui')

local M = {}

local columns = { 'Time', 'User', 'Action', 'Entity', 'Changes' }

-- Names the fields that differ between the two values: what a reader of a trail looks for.
local function changedFields(old, new)
  old, new = old or {}, new or {}
  local both = list.unique(list.concat(list.keys(old), list.keys(new)))
  return list.filter(list.sorted(both), function(key)
    return json.encode({ old[key] }) ~= json.encode({ new[key] })
  end)
end

local function row(entry)
  local entity = entry.entityId and entry.entity .. ' ' .. entry.entityId or entry.entity
  local fields = table.concat(changedFields(entry.oldValue, entry.newValue), ', ')
  return {
    id = entry.id,
    cells = {
      time.iso(entry.timestamp),
      entry.username or entry.userId or 'nobody',
      entry.action,
      entity,
      text.truncate(fields, 80),
    },
  }
end

---@class audit_log.AuditLogTableProps
---@field logs audit_log.Entry[]
---@field onFilter? string the operation that narrows the list

--- Renders the table, or a line that says that there is nothing to see.
---@param props audit_log.AuditLogTableProps
---@return ui.Node
function M.render(props)
  local logs = props.logs or {}
  if #logs == 0 then
    return ui.Alert({ severity = 'info', 'No entries' })
  end
  return ui.Table({
    columns = columns,
    rows = list.map(logs, row),
    onFilter = props.onFilter and ui.action(props.onFilter),
  })
end

return M
