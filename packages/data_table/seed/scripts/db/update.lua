--- Changes of schemas and records.
local check = require('check')
local db = require('db')
local dynamic = require('dynamic')
local rows = require('rows')
local schemas = require('schema')
local validation = require('validation') --[[@as data_table.validation]]

local M = {}

---@class data_table.SchemaChanges
---@field name? string
---@field label? string|db.Null null empties it, as with every field that may be empty
---@field labelPlural? string|db.Null
---@field icon? string|db.Null
---@field fields? any[] each a `data_table.Field`; all of them
---@field listDisplay? string[]|db.Null
---@field listFilter? string[]|db.Null
---@field searchFields? string[]|db.Null
---@field ordering? string[]|db.Null
---@field validations? table|db.Null
---@field hooks? table|db.Null

--- Changes a schema; what is not named stays. Records stay as they are: they are checked when they
--- are next changed.
---@param schemaId string
---@param changes data_table.SchemaChanges
---@return data_table.Schema
function M.updateSchema(schemaId, changes)
  check.id(schemaId, 'schemaId')
  changes = check.changes(changes, 'changes', {
    name = 'text',
    fields = 'array',
    label = 'string?',
    icon = 'string?',
    labelPlural = 'string?',
    listFilter = 'array?',
    listDisplay = 'array?',
    ordering = 'array?',
    searchFields = 'array?',
    hooks = 'table?',
    validations = 'table?',
  })
  return db.transaction(function()
    local schema = schemas.own(schemaId)
    if changes.name then
      schemas.checkName(schema.tenantId, changes.name, schema.id)
    end
    local whole = {}
    for _, name in ipairs({ 'fields', 'listDisplay', 'listFilter', 'searchFields', 'ordering' }) do
      local value = changes[name] or schema[name]
      whole[name] = value ~= db.null and value or nil
    end
    schemas.check(whole, 'changes')
    local data = schemas.encode(changes)
    return schemas.decode(db.modelSchema.update({ where = { id = schema.id }, data = data }))
  end)
end

--- Changes values of a record; what is not named stays, and null takes a value out. A record that
--- does not fit its schema then raises `invalid_record` with every fault.
---@param recordId string
---@param data table<string, any>
---@return data_table.Record
function M.updateRecord(recordId, data)
  check.id(recordId, 'recordId')
  check.type(data, 'object', 'data')
  return db.transaction(function()
    local record = dynamic.get(recordId)
    local schema = schemas.get(record.schemaId)
    local whole = record.data
    for name, value in pairs(data) do
      whole[name] = value
    end
    local values = validation.check(schema, record, whole)
    return rows.write(record.id, values)
  end)
end

return M
