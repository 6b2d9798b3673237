--- Checks of arguments that raise at the caller's line, and errors that callers can tell apart.
---
--- A check is called first thing in a function, as a statement or for its result:
---
---     function M.listThreads(categoryId, filters)
---       check.id(categoryId, 'categoryId')
---       filters = check.fields(filters, 'filters', { authorId = 'string?', limit = 'count?' })
---
--- A wrong argument is then reported at the line that called `listThreads`. (Do not `return
--- check...()`: a tail call hides the function from the error's place.)
local native, standard = ...

---@class check
local M = {}

-- What JSON's null arrives as. An optional argument that is null counts as left out.
local null = native and native.null

--- An error that an operation raises: `error(check.fault('locked', '...'))`.
---@class check.Fault
---@field code string short and stable, for programs: `locked`, `not_found`
---@field message string for people
---@field kind 'fault'
local Fault = {}
Fault.__index = Fault
Fault.__name = 'fault'

function Fault:__tostring()
  return self.message
end

--- Returns an error value with `code`, `message` and the fields of `details`; `tostring` gives the
--- message.
---@param code string
---@param message string
---@param details? table<string, any>
---@return check.Fault
function M.fault(code, message, details)
  local fault = {}
  for key, value in pairs(details or {}) do
    fault[key] = value
  end
  fault.kind = 'fault'
  fault.code = code
  fault.message = message
  return setmetatable(fault, Fault)
end

--- Tells whether `value` is an error with this code (of `check.fault` or of `db`); without a code,
--- whether it has any.
---@param value any
---@param code? string
---@return boolean
function M.isFault(value, code)
  if type(value) ~= 'table' and type(value) ~= 'userdata' then
    return false
  end
  local ok, found = pcall(function()
    return value.code
  end)
  return ok and found ~= nil and (code == nil or found == code)
end

local function quote(text)
  if #text > 40 then
    -- A cut inside a character would make the message invalid UTF-8.
    local cut = 37
    while cut > 0 and (text:byte(cut + 1) & 0xC0) == 0x80 do
      cut = cut - 1
    end
    text = text:sub(1, cut) .. '...'
  end
  return '"' .. text:gsub('%c', ' ') .. '"'
end

--- Says what a value is, shortly: `the string "x"`, `a list`, `nothing`.
---@param value any
---@return string
function M.describe(value)
  local kind = type(value)
  if value == nil then
    return 'nothing'
  elseif value == null then
    return 'null'
  elseif kind == 'string' then
    return 'the string ' .. quote(value)
  elseif kind == 'number' or kind == 'boolean' then
    return ('the %s %s'):format(kind, tostring(value))
  elseif kind == 'table' then
    return rawlen(value) > 0 and 'a list' or 'a table'
  end
  return 'a ' .. kind
end

local function isInteger(value)
  return type(value) == 'number' and math.tointeger(value) ~= nil
end

local function isList(value)
  if type(value) ~= 'table' then
    return false
  end
  local count = 0
  for key in next, value do
    if math.type(key) ~= 'integer' then
      return false
    end
    count = count + 1
  end
  return count == rawlen(value)
end

local function isObject(value)
  if type(value) ~= 'table' then
    return false
  end
  for key in next, value do
    if type(key) ~= 'string' then
      return false
    end
  end
  return true
end

---@class check.Rule What a value is to be.
---@field noun string for messages: `an integer from 0`
---@field fits fun(value: any): boolean

---@type table<string, check.Rule>
local types = {
  string = {
    noun = 'a string',
    fits = function(value)
      return type(value) == 'string'
    end,
  },
  id = {
    noun = 'an id (a string that is not empty)',
    fits = function(value)
      return type(value) == 'string' and value ~= ''
    end,
  },
  text = {
    noun = 'a text that is not blank',
    fits = function(value)
      return type(value) == 'string' and value:find('%S') ~= nil
    end,
  },
  number = {
    noun = 'a number',
    fits = function(value)
      return type(value) == 'number'
    end,
  },
  integer = { noun = 'an integer', fits = isInteger },
  count = {
    noun = 'an integer from 0',
    fits = function(value)
      return isInteger(value) and value >= 0
    end,
  },
  boolean = {
    noun = 'true or false',
    fits = function(value)
      return type(value) == 'boolean'
    end,
  },
  table = {
    noun = 'a table',
    fits = function(value)
      return type(value) == 'table'
    end,
  },
  array = { noun = 'a list', fits = isList },
  object = { noun = 'a table with names as keys', fits = isObject },
  ['function'] = {
    noun = 'a function',
    fits = function(value)
      return type(value) == 'function'
    end,
  },
  any = {
    noun = 'a value',
    fits = function(value)
      return value ~= nil
    end,
  },
}

local function typeNames()
  local names = {}
  for name in pairs(types) do
    names[#names + 1] = name
  end
  table.sort(names)
  return table.concat(names, ', ')
end

-- Returns the value as the operation should see it, and what is wrong with it, if anything.
local function judge(value, expected, name, rules)
  local base, optional = expected:match('^(.-)(%??)$')
  local rule = rules and rules[base] or types[base]
  if not rule then
    return nil, ('unknown type `%s` for `%s`; there are: %s'):format(base, name, typeNames())
  end
  if value == null then
    value = nil
  end
  if value == nil and optional == '?' then
    return nil
  end
  if not rule.fits(value) then
    return nil, ('`%s` must be %s, found %s'):format(name, rule.noun, M.describe(value))
  end
  if base == 'integer' or base == 'count' then
    return math.tointeger(value)
  end
  return value
end

-- Raises at the caller of the function that called a check: demand, the check, that function, its
-- caller.
local function demand(value, expected, name)
  local result, problem = judge(value, expected, name)
  if problem then
    error(problem, 4)
  end
  return result
end

--- Checks any type: string, id, text, number, integer, count, boolean, table, array, object,
--- function, any; a `?` behind it lets it be left out. `integer` and `count` take 3.0 for 3.
---@param value any
---@param expected string
---@param name string the argument's name, for the message
---@return any value nil where an optional one is nil or null
function M.type(value, expected, name)
  local result = demand(value, expected, name)
  return result
end

--- Checks for a string. A table is refused, so that no caller slips in a filter where a value was
--- meant.
---@param value any
---@param name string
---@return string
function M.string(value, name)
  local result = demand(value, 'string', name)
  return result
end

--- Checks for a string that is not empty.
---@param value any
---@param name string
---@return string
function M.id(value, name)
  local result = demand(value, 'id', name)
  return result
end

--- Checks for a string with more than white space in it.
---@param value any
---@param name string
---@return string
function M.text(value, name)
  local result = demand(value, 'text', name)
  return result
end

--- Checks for a number.
---@param value any
---@param name string
---@return number
function M.number(value, name)
  local result = demand(value, 'number', name)
  return result
end

--- Checks for an integer between `least` and `most`, where they are given.
---@param value any
---@param name string
---@param least? integer
---@param most? integer
---@return integer
function M.integer(value, name, least, most)
  local result = demand(value, 'integer', name)
  if least and result < least then
    error(('`%s` must be at least %d, found %d'):format(name, least, result), 3)
  elseif most and result > most then
    error(('`%s` must be at most %d, found %d'):format(name, most, result), 3)
  end
  return result
end

--- Checks for true or false.
---@param value any
---@param name string
---@return boolean
function M.boolean(value, name)
  local result = demand(value, 'boolean', name)
  return result
end

--- Checks for a table of any form.
---@param value any
---@param name string
---@return table
function M.table(value, name)
  local result = demand(value, 'table', name)
  return result
end

--- Checks for the id of a tenant that the caller may reach; raises `forbidden` where the caller
--- belongs to another one.
---@param value any
---@param name string
---@return string
function M.tenant(value, name)
  local result = demand(value, 'id', name)
  local bound = standard('ctx').bound
  if bound and result ~= bound then
    local message = '`%s` must be the caller\'s tenant "%s", found %s'
    error(M.fault('forbidden', message:format(name, bound, M.describe(value)), { tenant = result }))
  end
  return result
end

--- Returns a record that was looked for by its id; raises `not_found` where there is none.
---
---     local thread = check.found(
---       db.forumThread.findUnique({ where = { id = threadId } }), 'thread', threadId)
---@generic T
---@param record? T
---@param noun string what it is, for the message
---@param id string
---@return T -?
function M.found(record, noun, id)
  if record == nil then
    local message = ('there is no %s with the id %s'):format(noun, quote(id))
    error(M.fault('not_found', message, { id = id }))
  end
  return record
end

--- Raises `taken` where a record that has a name already is there.
---@param record? table
---@param noun string what it is, for the message
---@param name string
function M.free(record, noun, name)
  if record ~= nil then
    local message = ('there is a %s with the name %s already'):format(noun, quote(name))
    error(M.fault('taken', message, { id = record.id }))
  end
end

--- Checks for one of a list of strings.
---@param value any
---@param choices string[]
---@param name string
---@return string
function M.oneOf(value, choices, name)
  for _, choice in ipairs(choices) do
    if value == choice then
      return value
    end
  end
  local list = table.concat(choices, ', ')
  error(('`%s` must be one of %s, found %s'):format(name, list, M.describe(value)), 3)
end

-- Judges a table of named values; returns them in a new table, and what is wrong with them.
local function judgeFields(value, name, fields, judgeField, rules)
  if value == nil or value == null then
    value = {}
  end
  if not isObject(value) then
    return {}, { ('`%s` must be %s, found %s'):format(name, types.object.noun, M.describe(value)) }
  end
  local known = {}
  for key in pairs(fields) do
    known[#known + 1] = key
  end
  table.sort(known)

  local result, problems = {}, {}
  for _, key in ipairs(known) do
    local path = name .. '.' .. key
    local problem
    result[key], problem = judgeField(rawget(value, key), fields[key], path, rules)
    problems[#problems + 1] = problem
  end
  local unknown = {}
  for key in next, value do
    if fields[key] == nil then
      unknown[#unknown + 1] = key
    end
  end
  table.sort(unknown)
  for _, key in ipairs(unknown) do
    local list = table.concat(known, ', ')
    problems[#problems + 1] = ('`%s` has no field `%s`; there are: %s'):format(name, key, list)
  end
  return result, problems
end

-- All faults are raised at once, at the caller of the function that called a check.
local function demandFields(value, name, fields, judgeField)
  local result, problems = judgeFields(value, name, fields, judgeField)
  if #problems > 0 then
    error(table.concat(problems, '\n'), 4)
  end
  return result
end

--- Checks a table of named values: the type of each (see `check.type`) and that there are no
--- others.
---
--- All faults are said at once. A table that is left out counts as an empty one. Returns a new,
--- plain table.
---@param value any
---@param name string
---@param fields table<string, string>
---@return any checked a table with the fields that are there
function M.fields(value, name, fields)
  local result = demandFields(value, name, fields, judge)
  return result
end

--- Checks as `check.fields` does, and raises nothing: for what comes from outside and is refused
--- with a code. `rules` are types of the caller's own, by their names.
---@param value any
---@param name string
---@param fields table<string, string>
---@param rules? table<string, check.Rule>
---@return string[] faults empty where nothing is wrong
---@return table<string, any> values the fields in a new, plain table
function M.faults(value, name, fields, rules)
  local values, problems = judgeFields(value, name, fields, judge, rules)
  return problems, values
end

local function judgeChange(value, expected, name)
  if value == nil then
    return nil
  elseif value ~= null then
    return judge(value, expected, name)
  elseif expected:find('?', 1, true) then
    return null
  end
  return nil, ('`%s` cannot be emptied: leave it out to keep it as it is'):format(name)
end

--- Checks what an update gets: as `check.fields`, but any field may be left out, and null is
--- kept where the type has a `?`, since it empties the field.
---@param value any
---@param name string
---@param fields table<string, string>
---@return any checked a table with the fields that are there
function M.changes(value, name, fields)
  local result = demandFields(value, name, fields, judgeChange)
  return result
end

return M
