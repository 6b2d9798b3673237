--- Which fields of which schemas lead to a schema's records.
local db = require('db')
local schemas = require('schema')

local M = {}

---@class data_table.Reference
---@field schema data_table.Schema
---@field field data_table.Field

--- Lists the fields that refer to records of a schema, in all schemas that could.
---@param schema data_table.Schema
---@return data_table.Reference[]
function M.to(schema)
  local where = {}
  if schema.tenantId then
    where.OR = { { tenantId = schema.tenantId }, { tenantId = db.null } }
  end
  local found = {}
  for _, record in ipairs(db.modelSchema.findMany({ where = where, orderBy = { id = 'asc' } })) do
    local other = schemas.decode(record)
    for _, field in ipairs(other.fields) do
      if field.type == 'reference' and field.reference == schema.name then
        found[#found + 1] = { schema = other, field = field }
      end
    end
  end
  return found
end

return M
