--- Schemas as callers see them: their fields checked once, when they are stored.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')
local list = require('list')
local text = require('text')
local types = require('types')

local M = {}

local mostFields = 200

---@class data_table.Field
---@field name string
---@field type string a name in `types.byName`, such as `string` or `integer`
---@field label? string
---@field required? boolean
---@field unique? boolean whether no two records of a tenant have the same value
---@field min? number|string the least value, length or number of elements, or the earliest date
---@field max? number|string
---@field pattern? string a Lua pattern that the text has to have in it
---@field enum? (string|number)[] the values that there are
---@field reference? string the name of the schema that the value is a record of
---@field default? any

---@class data_table.Schema A schema with its JSON fields as tables.
---@field id string
---@field tenantId? string
---@field name string
---@field label? string
---@field labelPlural? string
---@field icon? string
---@field fields data_table.Field[]
---@field listDisplay? string[]
---@field listFilter? string[]
---@field searchFields? string[]
---@field ordering? string[]
---@field validations? any
---@field hooks? any

local jsonFields = {
  'fields',
  'listDisplay',
  'listFilter',
  'searchFields',
  'ordering',
  'validations',
  'hooks',
}

--- Encodes the JSON fields in place.
---@param fields table<string, any>
---@return any
function M.encode(fields)
  return json.encodeFields(fields, jsonFields)
end

--- Decodes the JSON columns of a record in place.
---@param record ModelSchema
---@return data_table.Schema
function M.decode(record)
  return json.decodeFields(record, jsonFields)
end

--- Returns the condition for schemas that the caller may use: the own tenant's and every tenant's;
--- nil for one who may use all.
---@return ModelSchemaWhereInput?
function M.reachable()
  return ctx.bound and { OR = { { tenantId = ctx.bound }, { tenantId = db.null } } }
end

--- Looks for a schema that the caller may use.
---@param schemaId string
---@return data_table.Schema?
function M.find(schemaId)
  local record = db.modelSchema.findFirst({ where = { id = schemaId, AND = M.reachable() } })
  return record and M.decode(record)
end

--- Returns a schema that the caller may use; raises `not_found` where there is none.
---@param schemaId string
---@return data_table.Schema
function M.get(schemaId)
  return check.found(M.find(schemaId), 'schema', schemaId)
end

--- Returns a schema that the caller may change: not one of every tenant's, where the caller belongs
--- to one.
---@param schemaId string
---@return data_table.Schema
function M.own(schemaId)
  local where = { id = schemaId, tenantId = ctx.bound }
  return M.decode(check.found(db.modelSchema.findFirst({ where = where }), 'schema', schemaId))
end

--- Raises `taken` where another schema of the tenant has the name.
---
--- SQLite takes NULLs as distinct, so the index does not see to it where there is no tenant.
---@param tenantId? string
---@param name string
---@param schemaId? string the one that may have it
function M.checkName(tenantId, name, schemaId)
  local other = db.modelSchema.findFirst({
    where = {
      tenantId = tenantId or db.null,
      name = name,
      id = schemaId and { ['not'] = schemaId },
    },
  })
  check.free(other, 'schema', name)
end

--- Returns the whole of what a schema says of a field; nil where it has none of the name.
---@param schema data_table.Schema
---@param name string
---@return data_table.Field?
function M.field(schema, name)
  return (list.find(schema.fields, function(field)
    return field.name == name
  end))
end

local fieldTypes = {
  name = 'text',
  type = 'text',
  label = 'string?',
  required = 'boolean?',
  unique = 'boolean?',
  min = 'any?',
  max = 'any?',
  pattern = 'text?',
  enum = 'array?',
  reference = 'text?',
  default = 'any?',
}

local function checkRules(field, place, add)
  local kind = types.byName[field.type]
  for _, side in ipairs({ 'min', 'max' }) do
    local bound = field[side]
    if bound ~= nil and not kind.size then
      add('`%s.%s` means nothing for the type %s', place, side, field.type)
    elseif bound ~= nil and kind.isDated and kind.read(bound) == nil then
      add('`%s.%s` must be %s', place, side, kind.noun)
    elseif bound ~= nil and not kind.isDated and type(bound) ~= 'number' then
      add('`%s.%s` must be a number', place, side)
    end
  end
  if field.pattern and not kind.isText then
    add('`%s.pattern` means nothing for the type %s', place, field.type)
  elseif field.pattern and not text.isPattern(field.pattern) then
    add('`%s.pattern` is no Lua pattern: %s', place, check.describe(field.pattern))
  end
  if field.type == 'enum' and #(field.enum or {}) == 0 then
    add('`%s.enum` must name at least one value', place)
  end
  if (field.type == 'reference') ~= (field.reference ~= nil) then
    add('`%s.reference` names a schema where the type is `reference`', place)
  end
  if field.default ~= nil and kind.read(field.default) == nil then
    add('`%s.default` must be %s', place, kind.noun)
  end
end

local function checkField(given, place, names, add)
  local ok, field = pcall(function()
    local checked = check.fields(given, place, fieldTypes)
    return checked
  end)
  if not ok then
    add('%s', (tostring(field):gsub('^[^`]*:%d+: ', '')))
    return nil
  elseif not field.name:find('^[%a_][%w_]*$') or #field.name > 64 then
    local message = '`%s.name` must be letters, digits and `_`, found %s'
    add(message, place, check.describe(field.name))
  elseif names[field.name] or M.columns[field.name] then
    add('`%s.name` is there already: %s', place, field.name)
  end
  names[field.name] = true
  if not types.byName[field.type] then
    local known = table.concat(list.keys(types.byName), ', ')
    add('`%s.type` must be one of %s, found %s', place, known, check.describe(field.type))
    return nil
  end
  checkRules(field, place, add)
  return field
end

--- What lists are filtered and sorted by beside the fields: columns of the record itself.
---@type table<string, boolean>
M.columns = { id = true, createdAt = true, updatedAt = true }

-- Checks a list of names of fields, such as `searchFields`; `-` may stand before those of
-- `ordering`.
local function checkNames(values, key, place, names, add)
  for _, name in ipairs(values or {}) do
    local plain = type(name) == 'string' and (key == 'ordering' and name:gsub('^%-', '') or name)
    if not names[plain] and not (M.columns[plain] and key ~= 'searchFields') then
      add('`%s.%s` names a field that is not there: %s', place, key, check.describe(name))
    end
  end
end

--- Checks the definitions of a schema's fields, and the lists of their names. Raises
--- `invalid_schema` with every fault.
---@param schema data_table.NewSchema|table<string, any>
---@param place string the argument's name
function M.check(schema, place)
  local faults, names = {}, {}
  local function add(message, ...)
    faults[#faults + 1] = message:format(...)
  end
  if #schema.fields == 0 or #schema.fields > mostFields then
    add('`%s.fields` must be 1 to %d fields, found %d', place, mostFields, #schema.fields)
  else
    for index, field in ipairs(schema.fields) do
      checkField(field, ('%s.fields[%d]'):format(place, index), names, add)
    end
    for _, key in ipairs({ 'listDisplay', 'listFilter', 'searchFields', 'ordering' }) do
      checkNames(schema[key], key, place, names, add)
    end
  end
  if #faults > 0 then
    error(check.fault('invalid_schema', table.concat(faults, '\n'), { faults = faults }))
  end
end

return M
