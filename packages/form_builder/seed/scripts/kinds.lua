--- The types of fields: which values they take, and what `min` and `max` mean for them.
---
--- A browser sends texts; each type reads its own out of them.
local json = require('json')
local list = require('list')
local text = require('text')
local time = require('time')

---@class form_builder.kinds
local M = {}

---@class form_builder.Kind
---@field read fun(value: any): any, string? the value in its own type; nil and what is wrong
---@field size? fun(value: any): number|string what `min` and `max` bound
---@field unit? string what the size counts, for messages
---@field boundType? 'number'|'date' of `min` and `max`; without, there are none
---@field hasOptions? boolean
---@field hasPattern? boolean

local longestText = 100000

local function readText(value)
  if type(value) ~= 'string' then
    return nil, 'must be a text'
  end
  local length = text.length(value)
  if not length then
    return nil, 'must be text in UTF-8'
  elseif length > longestText then
    return nil, ('must have at most %d characters'):format(longestText)
  end
  return value
end

-- A text of one line of the form that `fits` tells.
local function readFormed(noun, fits)
  return function(value)
    local read, problem = readText(value)
    if not read then
      return nil, problem
    end
    read = text.trim(read)
    if not fits(read) then
      return nil, 'must be ' .. noun
    end
    return read
  end
end

local function readNumber(value)
  if type(value) == 'string' then
    local trimmed = text.trim(value)
    -- `tonumber` would take `0x10`, too.
    value = trimmed:find('^[+-]?%d*%.?%d*[eE]?[+-]?%d*$') and tonumber(trimmed)
  end
  if type(value) ~= 'number' or value - value ~= 0 then
    return nil, 'must be a number'
  end
  return math.tointeger(value) or value
end

local function readInteger(value)
  local number, problem = readNumber(value)
  if not number then
    return nil, problem
  elseif math.type(number) ~= 'integer' then
    return nil, 'must be a whole number'
  end
  return number
end

---@type table<string, boolean?>
local checked = { on = true, ['true'] = true, ['1'] = true, yes = true }
---@type table<string, boolean?>
local unchecked = { off = true, ['false'] = true, ['0'] = true, no = true, [''] = true }

local function readBoolean(value)
  if type(value) == 'boolean' then
    return value
  elseif checked[value] then
    return true
  elseif unchecked[value] then
    return false
  end
  return nil, 'must be yes or no'
end

local function readChoice(value)
  if type(value) ~= 'string' and type(value) ~= 'number' then
    return nil, 'must be one of the options'
  end
  return value
end

local function readChoices(value)
  if type(value) == 'string' then
    value = { value }
  elseif type(value) ~= 'table' then
    return nil, 'must be a list of options'
  end
  local choices = list.filter(value, function(choice)
    return readChoice(choice) ~= nil
  end)
  if #choices ~= #value or next(value, #value > 0 and #value or nil) ~= nil then
    return nil, 'must be a list of options'
  end
  return list.unique(choices)
end

local function characters(value)
  return text.length(value)
end

local function same(value)
  return value
end

local function textual(read, hasPattern)
  return {
    read = read,
    size = characters,
    unit = 'characters',
    boundType = 'number',
    hasPattern = hasPattern,
  }
end

local function dated(noun, fits)
  return { read = readFormed(noun, fits), size = same, boundType = 'date' }
end

---@type table<string, form_builder.Kind>
M.byName = {
  text = textual(readText, true),
  textarea = textual(readText, true),
  password = textual(readText, true),
  tel = textual(readFormed('a telephone number', text.isTelephone), true),
  email = textual(readFormed('an e-mail address', text.isEmail), true),
  url = textual(readFormed('an address such as https://example.org', text.isUrl), true),
  hidden = { read = readText },
  number = { read = readNumber, size = same, boundType = 'number' },
  integer = { read = readInteger, size = same, boundType = 'number' },
  checkbox = { read = readBoolean },
  select = { read = readChoice, hasOptions = true },
  radio = { read = readChoice, hasOptions = true },
  multiselect = {
    read = readChoices,
    size = function(value)
      return #value
    end,
    unit = 'options',
    boundType = 'number',
    hasOptions = true,
  },
  date = dated('a date such as 2026-01-31', time.isDate),
  time = dated('a time such as 09:30', time.isTime),
  datetime = dated('a date with a time such as 2026-01-31T09:30', time.isDateTime),
}

--- Tells whether nothing was filled in.
---@param value any
---@return boolean
function M.isEmpty(value)
  return value == nil
    or value == json.null
    or type(value) == 'string' and text.isBlank(value)
    or type(value) == 'table' and next(value) == nil
end

return M
