--- New schemas and records.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local rows = require('rows')
local schemas = require('schema')
local validation = require('validation') --[[@as data_table.validation]]

local M = {}

---@class data_table.NewSchema
---@field name string
---@field label? string
---@field labelPlural? string
---@field icon? string
---@field fields any[] each a `data_table.Field`: what is wrong with one is among the faults
---@field listDisplay? string[] the fields that a list shows: all, if left out
---@field listFilter? string[]
---@field searchFields? string[] all texts, if left out
---@field ordering? string[] `-` in front of a name for the highest first; the newest first, if left out
---@field validations? table kept as it is
---@field hooks? table kept as it is

--- Defines a table. Wrong definitions raise `invalid_schema` with every fault, a name in use
--- `taken`.
---@param tenantId? string nil for every tenant's, which is the operator's to define
---@param schema data_table.NewSchema
---@return data_table.Schema
function M.createSchema(tenantId, schema)
  if tenantId ~= nil or ctx.bound then
    check.tenant(tenantId, 'tenantId')
  end
  schema = check.fields(schema, 'schema', {
    name = 'text',
    label = 'string?',
    labelPlural = 'string?',
    icon = 'string?',
    fields = 'array',
    listDisplay = 'array?',
    listFilter = 'array?',
    searchFields = 'array?',
    ordering = 'array?',
    validations = 'table?',
    hooks = 'table?',
  })
  schemas.check(schema, 'schema')

  return db.transaction(function()
    schemas.checkName(tenantId, schema.name)
    schema.tenantId = tenantId
    return schemas.decode(db.modelSchema.create({ data = schemas.encode(schema) }))
  end)
end

--- Adds a record. One that does not fit its schema raises `invalid_record` with every fault.
---@param schemaId string
---@param data table<string, any> the values by the fields' names
---@return data_table.Record
function M.createRecord(schemaId, data)
  check.id(schemaId, 'schemaId')
  check.type(data, 'object', 'data')
  return db.transaction(function()
    local schema = schemas.get(schemaId)
    local row = { tenantId = schema.tenantId or ctx.tenant, schemaId = schema.id }
    local given = {}
    for _, field in ipairs(schema.fields) do
      given[field.name] = field.default
    end
    for name, value in pairs(data) do
      given[name] = value
    end
    return rows.add(row.tenantId, row.schemaId, validation.check(schema, row, given))
  end)
end

return M
