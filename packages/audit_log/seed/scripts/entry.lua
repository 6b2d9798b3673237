--- An entry as callers see it: the JSON columns as tables.
local json = require('json')

local M = {}

---@class audit_log.Entry An entry with its JSON fields as tables.
---@field id string
---@field tenantId string
---@field userId? string
---@field username? string
---@field action string
---@field entity string
---@field entityId? string
---@field oldValue? table<string, any>
---@field newValue? table<string, any>
---@field ipAddress? string
---@field userAgent? string
---@field details? table<string, any>
---@field timestamp integer milliseconds since the epoch

--- Decodes the JSON columns of a record in place.
---@param record AuditLog
---@return audit_log.Entry
function M.decode(record)
  record.oldValue = record.oldValue and json.decode(record.oldValue)
  record.newValue = record.newValue and json.decode(record.newValue)
  record.details = record.details and json.decode(record.details)
  return record
end

--- Decodes a list of records in place.
---@param records AuditLog[]
---@return audit_log.Entry[]
function M.decodeAll(records)
  for _, record in ipairs(records) do
    M.decode(record)
  end
  return records
end

return M
