--- The types of fields: which values they take, and what `min` and `max` bound.
local check = require('check')
local text = require('text')
local time = require('time')

local M = {}

---@class data_table.Type
---@field noun string for messages
---@field read fun(value: any): any the value as it is stored; nil where it is none of the type
---@field size? fun(value: any): number|string what `min` and `max` bound
---@field unit? string what the size counts, for messages
---@field isText? boolean whether a search looks in it, and a pattern may be asked for
---@field isDated? boolean whether `min` and `max` are texts like its values

local longestText = 100000

local function readText(value)
  local length = type(value) == 'string' and text.length(value)
  return length and length <= longestText and value or nil
end

local function readFormed(fits)
  return function(value)
    return readText(value) and fits(value) and value or nil
  end
end

local function readNumber(value)
  if type(value) ~= 'number' or value - value ~= 0 then
    return nil
  end
  return math.tointeger(value) or value
end

local function readInteger(value)
  return type(value) == 'number' and math.tointeger(value) or nil
end

local function readBoolean(value)
  if type(value) == 'boolean' then
    return value
  end
  return nil
end

local function readTable(kind)
  return function(value)
    return pcall(check.type, value, kind, 'value') and value or nil
  end
end

local function count(value)
  return #value
end

local function same(value)
  return value
end

local function textual(noun, read)
  return { noun = noun, read = read, size = text.length, unit = 'characters', isText = true }
end

local function dated(noun, fits)
  return { noun = noun, read = readFormed(fits), size = same, isDated = true }
end

---@type table<string, data_table.Type>
M.byName = {
  string = textual('a text', readText),
  text = textual('a text', readText),
  email = textual('an e-mail address', readFormed(text.isEmail)),
  url = textual('an address such as https://example.org', readFormed(text.isUrl)),
  number = { noun = 'a number', read = readNumber, size = same },
  integer = { noun = 'a whole number', read = readInteger, size = same },
  boolean = { noun = 'true or false', read = readBoolean },
  date = dated('a date such as 2026-01-31', time.isDate),
  datetime = dated('a date with a time such as 2026-01-31T09:30', time.isDateTime),
  enum = { noun = 'one of the values', read = same },
  reference = { noun = 'the id of a record', read = readText },
  array = { noun = 'a list', read = readTable('array'), size = count, unit = 'elements' },
  object = { noun = 'a table with names as keys', read = readTable('object') },
}

--- Returns the type of a field. A schema that was written past the checks may name one that is not
--- there: that raises `invalid_schema`.
---@param field data_table.Field
---@return data_table.Type
function M.of(field)
  local found = M.byName[field.type]
  if not found then
    local message = 'the field `%s` has the type %s, which is not there'
    error(check.fault('invalid_schema', message:format(field.name, check.describe(field.type))))
  end
  return found
end

return M
