--- Reading one schema or record.
local check = require('check')
local dynamic = require('dynamic')
local schemas = require('schema')

---@class data_table.db.read
local M = {}

--- Returns a schema; nil where there is none.
---@param schemaId string
---@return data_table.Schema?
function M.getSchema(schemaId)
  check.id(schemaId, 'schemaId')
  return schemas.find(schemaId)
end

--- Returns a record; nil where there is none.
---@param recordId string
---@return data_table.Record?
function M.getRecord(recordId)
  check.id(recordId, 'recordId')
  return dynamic.find(recordId)
end

return M
