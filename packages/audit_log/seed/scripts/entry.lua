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

local jsonFields = { 'oldValue', 'newValue', 'details' }

--- Returns the columns of an entry: its JSON fields as text.
---@param entry table<string, any>
---@return any
function M.encode(entry)
  return json.encodeFields(entry, jsonFields)
end

--- Decodes the JSON columns of a record in place.
---@param record AuditLog
---@return audit_log.Entry
function M.decode(record)
  return json.decodeFields(record, jsonFields)
end

return M
