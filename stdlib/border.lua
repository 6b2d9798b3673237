--- Checks the arguments of operations against their annotations, where a call comes in from outside.
---
--- Rust reads the types; a type is a table with its `kind`. A check that finds nothing wrong makes
--- nothing: what is wrong is looked for again, in words, when a call is refused.
local native, inside = ...

local check = inside.standard(inside.packages[0], 'check')
local null = native.null

local M = {}

---@class border.Type
---@field kind string
---@field of? border.Type|border.Type[] of a list, of a union
---@field key? border.Type of a map
---@field value? border.Type|string|number|boolean of a map, of a literal
---@field fields? border.Field[] of a record
---@field class? string

---@class border.Field
---@field name string
---@field of border.Type
---@field optional boolean

--- The classes that annotations name, once one was asked for; false for one that nobody wrote down.
---@type table<string, table|false>
local classes = {}

-- Values nested deeper than this are left to whoever takes them.
local deepest = 100

local mostFaults = 20

local nouns = {
  ['nil'] = 'nothing',
  string = 'a string',
  number = 'a number',
  integer = 'an integer',
  boolean = 'true or false',
  ['function'] = 'a function',
  table = 'a table',
  list = 'a list',
  map = 'a table',
  record = 'a table',
}

local function isList(value)
  local length = rawlen(value)
  for key in next, value do
    if math.type(key) ~= 'integer' or key < 1 or key > length then
      return false
    end
  end
  return true
end

-- Returns the fields of a class with those of its parents; nil for a class that nobody wrote down.
local function fieldsOf(name)
  local class = classes[name]
  if class == nil then
    class = native.class(name) or false
    classes[name] = class
  end
  if not class or class.all then
    return class and class.all or nil
  end
  local all = {}
  -- A class that extends itself has its own fields.
  class.all = all
  local inherited = class.parent and fieldsOf(class.parent)
  local own = {}
  for _, field in ipairs(class.fields) do
    own[field.name] = true
    all[#all + 1] = field
  end
  for _, field in ipairs(inherited or {}) do
    if not own[field.name] then
      all[#all + 1] = field
    end
  end
  return all
end

local fits

local function fitsFields(fields, value, depth)
  -- An empty table may be an empty object; a list is none.
  if type(value) ~= 'table' or rawlen(value) > 0 then
    return false
  end
  for index = 1, #fields do
    local field = fields[index]
    local inner = rawget(value, field.name)
    if inner == nil or inner == null then
      if not field.optional then
        return false
      end
    elseif not fits(field.of, inner, depth + 1) then
      return false
    end
  end
  return true
end

local kinds = {
  any = function()
    return true
  end,
  ['nil'] = function(_, value)
    return value == nil or value == null
  end,
  string = function(_, value)
    return type(value) == 'string'
  end,
  number = function(_, value)
    return type(value) == 'number'
  end,
  integer = function(_, value)
    return type(value) == 'number' and math.tointeger(value) ~= nil
  end,
  boolean = function(_, value)
    return type(value) == 'boolean'
  end,
  ['function'] = function(_, value)
    return type(value) == 'function'
  end,
  table = function(_, value)
    return type(value) == 'table'
  end,
  literal = function(of, value)
    return value == of.value
  end,
  list = function(of, value, depth)
    if type(value) ~= 'table' or not isList(value) then
      return false
    end
    for index = 1, rawlen(value) do
      if not fits(of.of, rawget(value, index), depth + 1) then
        return false
      end
    end
    return true
  end,
  map = function(of, value, depth)
    if type(value) ~= 'table' then
      return false
    end
    for key, item in next, value do
      if not fits(of.key, key, depth + 1) or not fits(of.value, item, depth + 1) then
        return false
      end
    end
    return true
  end,
  record = function(of, value, depth)
    return fitsFields(of.fields, value, depth)
  end,
  class = function(of, value, depth)
    local fields = fieldsOf(of.class)
    return not fields or fitsFields(fields, value, depth)
  end,
  union = function(of, value, depth)
    for index = 1, #of.of do
      if fits(of.of[index], value, depth) then
        return true
      end
    end
    return false
  end,
}

function fits(of, value, depth)
  return depth > deepest or kinds[of.kind](of, value, depth)
end

-- Says what a type is: `a string`, `"a" or "b"`, `a table (forum_forge.NewCategory)`.
local function nounOf(of)
  if of.kind == 'literal' then
    return type(of.value) == 'string' and ('"%s"'):format(of.value) or tostring(of.value)
  elseif of.kind == 'class' then
    return ('a table (%s)'):format(of.class)
  elseif of.kind == 'union' then
    local parts = {}
    for _, part in ipairs(of.of) do
      if part.kind ~= 'nil' then
        parts[#parts + 1] = nounOf(part)
      end
    end
    local last = table.remove(parts)
    return #parts == 0 and (last or 'nothing') or table.concat(parts, ', ') .. ' or ' .. last
  end
  return nouns[of.kind] or 'a value'
end

local explain

local function explainFields(fields, value, path, faults)
  local known, before = {}, #faults
  for _, field in ipairs(fields) do
    known[field.name] = true
    local inner = rawget(value, field.name)
    if not ((inner == nil or inner == null) and field.optional) then
      explain(field.of, inner, path .. '.' .. field.name, faults)
    end
  end
  if #faults == before then
    return
  end
  -- A table may hold more than its class says; beside a fault, it may be that fault's misspelled name.
  local unknown = {}
  for key in next, value do
    if not known[key] then
      unknown[#unknown + 1] = tostring(key)
    end
  end
  table.sort(unknown)
  for _, key in ipairs(unknown) do
    faults[#faults + 1] = {
      path = path .. '.' .. key,
      expected = 'left out',
      message = ('`%s` has no field `%s`'):format(path, key),
    }
  end
end

-- Adds what is wrong with a value: as deep inside of it as the type can say.
function explain(of, value, path, faults)
  if #faults >= mostFaults or fits(of, value, 1) then
    return
  end
  local fields = of.kind == 'record' and of.fields or of.kind == 'class' and fieldsOf(of.class)
  local before = #faults
  if type(value) == 'table' then
    if fields and rawlen(value) == 0 then
      explainFields(fields, value, path, faults)
    elseif of.kind == 'list' and isList(value) then
      for index = 1, rawlen(value) do
        explain(of.of, rawget(value, index), ('%s[%d]'):format(path, index), faults)
      end
    elseif of.kind == 'map' then
      for key, item in next, value do
        local name = type(key) == 'string' and '.' .. key or ('[%s]'):format(tostring(key))
        if not fits(of.key, key, 1) then
          explain(of.key, key, path .. name .. ' (its key)', faults)
        end
        explain(of.value, item, path .. name, faults)
      end
    elseif of.kind == 'union' then
      -- Where only one of several types is a table, that one is meant.
      local tables = {}
      for _, part in ipairs(of.of) do
        if part.kind == 'list' or part.kind == 'map' or part.fields or part.class then
          tables[#tables + 1] = part
        end
      end
      if #tables == 1 then
        explain(tables[1], value, path, faults)
      end
    end
  end
  if #faults == before then
    faults[#faults + 1] = {
      path = path,
      expected = nounOf(of),
      message = ('`%s` must be %s, found %s'):format(path, nounOf(of), check.describe(value)),
    }
  end
end

local function refuse(name, parameters, ...)
  local faults = {}
  for index, parameter in ipairs(parameters) do
    local value = (select(index, ...))
    if not ((value == nil or value == null) and parameter.optional) then
      explain(parameter.of, value, parameter.name, faults)
    end
  end
  local lines = {}
  for index, fault in ipairs(faults) do
    lines[index] = fault.message
  end
  local first = faults[1]
  return check.fault(
    'wrong_argument',
    ('%s: %s'):format(name, table.concat(lines, '\n')),
    { operation = name, parameter = first.path, expected = first.expected }
  )
end

--- Returns an operation that refuses what does not fit its annotations, with the code
--- `wrong_argument`, and names every fault.
---@param name string `package.operation`
---@param body function
---@param parameters border.Field[]
---@return function
function M.guard(name, body, parameters)
  local count = #parameters
  local optional, types, judges = {}, {}, {}
  for index, parameter in ipairs(parameters) do
    optional[index], types[index] = parameter.optional, parameter.of
    judges[index] = kinds[parameter.of.kind]
  end
  return function(...)
    for index = 1, count do
      local value = (select(index, ...))
      if value == nil or value == null then
        if not optional[index] and not judges[index](types[index], value, 1) then
          error(refuse(name, parameters, ...), 2)
        end
      elseif not judges[index](types[index], value, 1) then
        error(refuse(name, parameters, ...), 2)
      end
    end
    return body(...)
  end
end

return M
