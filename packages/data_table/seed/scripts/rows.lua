--- Writing records: their data as JSON text.
local db = require('db')
local dynamic = require('dynamic')
local json = require('json')
local time = require('time')

local M = {}

--- Adds a record, as of now.
---@param tenantId string
---@param schemaId string
---@param data table<string, any>
---@return data_table.Record
function M.add(tenantId, schemaId, data)
  local row = { tenantId = tenantId, schemaId = schemaId, createdAt = time.now() }
  row.data = json.encode(data)
  return dynamic.decode(db.dynamicData.create({ data = row }))
end

--- Writes the data of a record, as of now.
---@param recordId string
---@param data table<string, any>
---@return data_table.Record
function M.write(recordId, data)
  local written = { data = json.encode(data), updatedAt = time.now() }
  return dynamic.decode(db.dynamicData.update({ where = { id = recordId }, data = written }))
end

return M
