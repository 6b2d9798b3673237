--- Records as callers see them, and which ones they may reach.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')

local M = {}

---@class data_table.Record A record with its data as a table.
---@field id string
---@field tenantId string
---@field schemaId string
---@field data table<string, any>
---@field createdAt integer milliseconds since the epoch
---@field updatedAt? integer milliseconds since the epoch

--- Decodes the JSON column of a DynamicData in place.
---@param row DynamicData
---@return data_table.Record
function M.decode(row)
  return json.decodeFields(row, { 'data' })
end

--- Looks for a record that the caller may reach.
---@param recordId string
---@return data_table.Record?
function M.find(recordId)
  local row = db.dynamicData.findFirst({ where = { id = recordId, tenantId = ctx.bound } })
  return row and M.decode(row)
end

--- Returns a record that the caller may reach; raises `not_found` where there is none.
---@param recordId string
---@return data_table.Record
function M.get(recordId)
  return check.found(M.find(recordId), 'record', recordId)
end

return M
