--- Removing schemas and records.
local check = require('check')
local db = require('db')
local dynamic = require('dynamic')
local list = require('list')
local references = require('references')
local schemas = require('schema')
local sql = require('sql')

local M = {}

local function refuse(noun, name, reference)
  local message = 'the %s "%s" is in use: `%s` of %s refers to it'
  local text = message:format(noun, name, reference.field.name, reference.schema.name)
  error(check.fault('referenced', text))
end

--- Deletes a record, and returns what it was. One that another record refers to stays: the code is
--- `referenced`.
---@param recordId string
---@return data_table.Record
function M.deleteRecord(recordId)
  check.id(recordId, 'recordId')
  return db.transaction(function()
    local record = dynamic.get(recordId)
    local schema = schemas.get(record.schemaId)
    for _, reference in ipairs(references.to(schema)) do
      local other, name = reference.schema.id, reference.field.name
      if sql.isUsed(other, record.tenantId, name, record.id, record.id) then
        refuse('record', record.id, reference)
      end
    end
    db.dynamicData.delete({ where = { id = record.id } })
    return record
  end)
end

--- Deletes a schema with its records, and returns what it was. One that another schema refers to
--- stays: the code is `referenced`.
---@param schemaId string
---@return data_table.Schema
function M.deleteSchema(schemaId)
  check.id(schemaId, 'schemaId')
  return db.transaction(function()
    local schema = schemas.own(schemaId)
    local reference = list.find(references.to(schema), function(candidate)
      return candidate.schema.id ~= schema.id
    end)
    if reference then
      refuse('schema', schema.name, reference)
    end
    db.modelSchema.delete({ where = { id = schema.id } })
    return schema
  end)
end

return M
