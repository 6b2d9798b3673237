--- JSON text to Lua values and back.
---
---     local json = require('json')
---     local settings = json.decode('{ "tags": [], "limit": 20 }')
---     settings.tags -- an empty list, and one again in json.encode(settings)
---
--- What is decoded knows what it was: lists and objects carry locked markers without metamethods.
local native = ...

---@class json
local M = {}

--- The JSON null. A Lua table cannot hold nil. It is the same value as `db.null`.
M.null = native.null

--- Encodes `value` as JSON text. Object keys are sorted; an empty table without a marker is `{}`.
--- Raises for what has no JSON form: functions, tables that contain themselves, mixed tables, text that is not UTF-8, NaN.
---@param value any
---@param options? { pretty?: boolean }
---@return string
function M.encode(value, options)
  local text, message = native.encode(value, options and options.pretty)
  if not text then
    error(message, 2)
  end
  return text
end

--- Decodes JSON text. Numbers without fraction and exponent are integers where 64 bits hold them; null is `json.null`.
--- Returns nil and what is wrong, with line and column, for text that is no JSON.
---@param text string
---@return any value
---@return string? message
function M.decode(text)
  local ok, value = native.decode(text)
  if not ok then
    return nil, value
  end
  return value
end

--- Decodes the fields of a record that hold JSON text, in place, and returns the record.
---@param record table
---@param fields string[] the names of the fields
---@return any
function M.decodeFields(record, fields)
  for _, name in ipairs(fields) do
    if type(record[name]) == 'string' then
      record[name] = M.decode(record[name])
    end
  end
  return record
end

--- Encodes fields as JSON text, in place, and returns the table: what `db` takes as `data`. One that
--- is left out, or null, stays so.
---@param data table
---@param fields string[] the names of the fields
---@return any
function M.encodeFields(data, fields)
  for _, name in ipairs(fields) do
    if data[name] ~= nil and data[name] ~= M.null then
      data[name] = M.encode(data[name])
    end
  end
  return data
end

--- Marks a table as a list, so that it is `[]` when it is empty; returns the table.
---@generic T
---@param list? T[]
---@return T[]
function M.array(list)
  if list ~= nil and type(list) ~= 'table' then
    error(('json.array: expected a table, found a %s'):format(type(list)), 2)
  end
  return native.array(list or {})
end

--- Marks a table as an object, also when it is empty; returns the table.
---@generic T: table
---@param object? T
---@return T
function M.object(object)
  if object ~= nil and type(object) ~= 'table' then
    error(('json.object: expected a table, found a %s'):format(type(object)), 2)
  end
  return native.object(object or {})
end

--- Tells whether a table carries the marker of lists.
---@param value any
---@return boolean
function M.isArray(value)
  return native.marker(value) == 'list'
end

--- Tells whether a table carries the marker of objects.
---@param value any
---@return boolean
function M.isObject(value)
  return native.marker(value) == 'object'
end

--- Reads a JSON file of the package: a path in its folder, or in its scripts folder.
---@param path string such as `cases.json`
---@return any
function M.load(path)
  if type(path) ~= 'string' then
    error(('json.load: expected a path, found a %s'):format(type(path)), 2)
  end
  local text, message = native.read(path)
  if not text then
    error('json.load: ' .. message, 2)
  end
  local ok, value = native.decode(text)
  if not ok then
    error(('json.load: %s: %s'):format(path, value), 2)
  end
  return value
end

return M
