--- Filters, orders and searches over fields inside the JSON, done by SQLite.
---
--- Prisma's API has neither filters in a String column's JSON nor an order by them, hence the SQL.
--- It is put together from the fixed pieces below only: paths, values and patterns are parameters.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')
local list = require('list')
local schemas = require('schema')
local types = require('types')

local M = {}

---@class data_table.Sql A piece of SQL with its parameters.
---@field text string
---@field parameters any[]

---@type table<string, string?>
local columns = { id = '"id"', createdAt = '"createdAt"', updatedAt = '"updatedAt"' }

-- The SQL for a field's value. A field's name is letters, digits and `_`: it ends no path.
local function valueOf(name)
  local column = columns[name]
  if column then
    return column, {}
  end
  return 'json_extract("data", ?)', { '$.' .. name }
end

-- JSON's true and false come out of SQLite as 1 and 0, lists and objects as their text.
local function parameter(value)
  if type(value) == 'boolean' then
    return value and 1 or 0
  end
  return value
end

-- Neither `%` nor `_` of a caller's text stands for anything else.
local function pattern(value, before, after)
  return before .. value:gsub('[\\%%_]', '\\%0') .. after
end

local function compare(operator)
  return function(value)
    return operator .. ' ?', { parameter(value) }
  end
end

local function like(before, after)
  return function(value)
    return "LIKE ? ESCAPE '\\'", { pattern(value, before, after) }
  end
end

local function among(operator)
  return function(values)
    -- An empty list has nothing in it, and `IN ()` is SQL in SQLite.
    local marks = table.concat(
      list.map(values, function()
        return '?'
      end),
      ', '
    )
    return ('%s (%s)'):format(operator, marks), list.map(values, parameter)
  end
end

-- `IS` and `IS NOT` tell NULL from values, as the absence of a field is told.
---@type table<string, { sql: (fun(value: any): string, any[]), takes: 'value'|'text'|'values' }>
local operators = {
  equals = { sql = compare('IS'), takes = 'value' },
  ['not'] = { sql = compare('IS NOT'), takes = 'value' },
  gt = { sql = compare('>'), takes = 'value' },
  gte = { sql = compare('>='), takes = 'value' },
  lt = { sql = compare('<'), takes = 'value' },
  lte = { sql = compare('<='), takes = 'value' },
  contains = { sql = like('%', '%'), takes = 'text' },
  startsWith = { sql = like('', '%'), takes = 'text' },
  endsWith = { sql = like('%', ''), takes = 'text' },
  ['in'] = { sql = among('IN'), takes = 'values' },
  notIn = { sql = among('NOT IN'), takes = 'values' },
}

local mostValues = 1000

-- SQLite has limits of its own: 50,000 bytes in a pattern for LIKE, 1,000 levels of AND, 32,766 parameters.
local longestText, mostConditions, mostParameters = 10000, 100, 10000
local mostKeys = 20

local function isScalar(value)
  local kind = type(value)
  return kind == 'string' or kind == 'number' or kind == 'boolean'
end

local function operandFault(takes, value, operator)
  if takes == 'values' then
    local fits = type(value) == 'table' and #value <= mostValues and list.all(value, isScalar)
    return not fits and ('must be a list of at most %d values'):format(mostValues)
  elseif takes == 'text' then
    local fits = type(value) == 'string' and #value <= longestText
    local message = 'must be a text of at most %d bytes, found '
    return not fits and message:format(longestText) .. check.describe(value)
  elseif value == db.null and (operator == 'equals' or operator == 'not') then
    return false
  end
  return not isScalar(value) and 'must be a value, found ' .. check.describe(value)
end

local function add(parts, name, operator, value)
  local column, parameters = valueOf(name)
  local condition, values = operators[operator].sql(value)
  parts[#parts + 1] =
    { text = column .. ' ' .. condition, parameters = list.concat(parameters, values) }
end

-- The names that a list can be filtered and sorted by.
local function known(schema, name)
  return schemas.columns[name] or schemas.field(schema, name) ~= nil
end

local function unknownField(place, schema, name)
  local names = list.concat(list.pluck(schema.fields, 'name'), list.keys(schemas.columns))
  local message = '`%s` has no field `%s`; there are: %s'
  return message:format(place, tostring(name), table.concat(names, ', '))
end

-- Joins pieces of SQL, and their parameters in the same order.
local function join(parts, separator)
  local parameters = {}
  for _, part in ipairs(parts) do
    table.move(part.parameters, 1, #part.parameters, #parameters + 1, parameters)
  end
  return { text = table.concat(list.pluck(parts, 'text'), separator), parameters = parameters }
end

---@alias data_table.Filters table<string, string|number|boolean|table<string, any>>

--- Returns the conditions that filters make. What is wrong with them is returned instead, every
--- fault in a line of its own.
---@param schema data_table.Schema
---@param filters data_table.Filters
---@return data_table.Sql[]? conditions
---@return string? message
function M.filters(schema, filters)
  local parts, faults = {}, {}
  for _, name in ipairs(list.keys(filters)) do
    local filter = filters[name]
    if type(filter) ~= 'table' then
      filter = { equals = filter }
    end
    if not known(schema, name) then
      faults[#faults + 1] = unknownField('filters', schema, name)
    elseif next(filter) == nil then
      faults[#faults + 1] = ('`filters.%s` has no operator'):format(name)
    else
      for operator, value in pairs(filter) do
        local rule = operators[operator]
        local fault = not rule
            and 'is no operator; there are: ' .. table.concat(list.keys(operators), ', ')
          or operandFault(rule.takes, value, operator)
        if fault then
          faults[#faults + 1] = ('`filters.%s.%s` %s'):format(name, tostring(operator), fault)
        else
          add(parts, name, operator, value)
        end
      end
    end
  end
  if #parts > mostConditions or #join(parts, '').parameters > mostParameters then
    local message = '`filters` hold at most %d conditions, and %d values'
    faults[#faults + 1] = message:format(mostConditions, mostParameters)
  end
  if #faults > 0 then
    return nil, table.concat(faults, '\n')
  end
  return parts
end

--- Returns the condition that a search makes: each word in one of the fields at least.
---@param schema data_table.Schema
---@param words string[]
---@return data_table.Sql[]
function M.search(schema, words)
  local names = schema.searchFields
    or list.pluck(
      list.filter(schema.fields, function(field)
        return types.of(field).isText
      end),
      'name'
    )
  return list.map(words, function(word)
    local parts = {}
    for _, name in ipairs(names) do
      add(parts, name, 'contains', word)
    end
    if #parts == 0 then
      return { text = '0', parameters = {} }
    end
    local any = join(parts, ' OR ')
    any.text = '(' .. any.text .. ')'
    return any
  end)
end

-- Reads one key of an order: `name`, `-name`, or `{ name = 'desc' }`.
local function readKey(key)
  if type(key) == 'string' then
    local sign, name = key:match('^(%-?)(.+)$')
    return name, sign == '-' and 'DESC' or 'ASC'
  elseif type(key) == 'table' then
    local name, direction = next(key)
    local fits = next(key, name) == nil and (direction == 'asc' or direction == 'desc')
    return fits and name or nil, fits and tostring(direction):upper() or nil
  end
  return nil
end

--- Returns the order that is asked for, else the schema's, else the newest first; it ends with the
--- id, so that pages neither repeat nor lose a record. What is wrong is returned instead.
---@param schema data_table.Schema
---@param orderBy? string|(string|table<string, 'asc'|'desc'>)[]|table<string, 'asc'|'desc'>
---@return data_table.Sql? order
---@return string? message
function M.order(schema, orderBy)
  local keys = orderBy or schema.ordering or { '-createdAt' }
  if type(keys) ~= 'table' or #keys == 0 then
    keys = { keys }
  end
  if #keys > mostKeys then
    return nil, ('`orderBy` has at most %d keys, found %d'):format(mostKeys, #keys)
  end
  local parts, direction = {}, 'ASC'
  for _, key in ipairs(keys) do
    local name
    name, direction = readKey(key)
    if not name then
      return nil,
        "`orderBy` is `name`, `-name` for the highest first, `{ name = 'desc' }`, or a list of them"
    elseif not known(schema, name) then
      return nil, unknownField('orderBy', schema, name)
    end
    local column, parameters = valueOf(name)
    parts[#parts + 1] = { text = column .. ' ' .. direction, parameters = parameters }
  end
  parts[#parts + 1] = { text = '"id" ' .. direction, parameters = {} }
  return join(parts, ', ')
end

-- The records of a schema that the caller may reach, and that meet some conditions.
local function from(schemaId, conditions)
  ---@type data_table.Sql[]
  local parts = { { text = '"schemaId" = ?', parameters = { schemaId } } }
  if ctx.bound then
    parts[2] = { text = '"tenantId" = ?', parameters = { ctx.bound } }
  end
  local where = join(list.concat(parts, conditions), ' AND ')
  where.text = 'FROM "DynamicData" WHERE ' .. where.text
  return where
end

--- Counts records.
---@param schemaId string
---@param conditions data_table.Sql[]
---@return integer
function M.count(schemaId, conditions)
  local where = from(schemaId, conditions)
  local sql = 'SELECT count(*) AS total ' .. where.text
  return assert(db.queryRaw(sql, table.unpack(where.parameters))[1]).total
end

--- Reads a part of the records in an order.
---@param schemaId string
---@param conditions data_table.Sql[]
---@param order data_table.Sql
---@param take integer
---@param skip integer
---@return DynamicData[]
function M.read(schemaId, conditions, order, take, skip)
  local where = from(schemaId, conditions)
  local text = ('SELECT * %s ORDER BY %s LIMIT ? OFFSET ?'):format(where.text, order.text)
  ---@type any[]
  local parameters = list.concat(where.parameters, order.parameters, { take, skip })
  return db.queryRaw(text, table.unpack(parameters))
end

--- Tells whether a record has a value in a field: for what has to be unique, and for references.
---@param schemaId string
---@param tenantId string
---@param name string
---@param value any
---@param recordId? string the record that does not count
---@return boolean
function M.isUsed(schemaId, tenantId, name, value, recordId)
  if type(value) == 'table' then
    value = json.encode(value)
  end
  local rows = db.queryRaw(
    [[SELECT 1 AS used FROM "DynamicData"
       WHERE "schemaId" = ? AND "tenantId" = ? AND json_extract("data", ?) = ? AND "id" <> ? LIMIT 1]],
    schemaId,
    tenantId,
    '$.' .. name,
    parameter(value),
    recordId or ''
  )
  return #rows > 0
end

return M
