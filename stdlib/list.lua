--- Functions over lists. None changes the list that it gets, but `push`.
---
--- A list has no holes: `#list` is its length. What comes out knows that it is a list (see
--- `json.array`), so that an empty one is `[]` for callers, too.
local native = ...

---@class list
local M = {}

local function newList()
  return native.array({})
end

--- Returns a list of what `transform` makes of each element. A nil result is left out.
---@generic T, R
---@param list T[]
---@param transform fun(element: T, index: integer): R
---@return R[]
function M.map(list, transform)
  local result = newList()
  for index, element in ipairs(list) do
    result[#result + 1] = transform(element, index)
  end
  return result
end

--- Returns the elements for which `test` is true.
---@generic T
---@param list T[]
---@param test fun(element: T, index: integer): any
---@return T[]
function M.filter(list, test)
  local result = newList()
  for index, element in ipairs(list) do
    if test(element, index) then
      result[#result + 1] = element
    end
  end
  return result
end

--- Folds a list into one value, from the left.
---@generic T, R
---@param list T[]
---@param initial R
---@param combine fun(sum: R, element: T, index: integer): R
---@return R
function M.reduce(list, initial, combine)
  local sum = initial
  for index, element in ipairs(list) do
    sum = combine(sum, element, index)
  end
  return sum
end

--- Returns the first element for which `test` is true, and its index.
---@generic T
---@param list T[]
---@param test fun(element: T, index: integer): any
---@return T?, integer?
function M.find(list, test)
  for index, element in ipairs(list) do
    if test(element, index) then
      return element, index
    end
  end
  return nil
end

--- Returns the index of a value (compared with `==`), or nil.
---@generic T
---@param list T[]
---@param value T
---@return integer?
function M.indexOf(list, value)
  for index, element in ipairs(list) do
    if element == value then
      return index
    end
  end
  return nil
end

--- Tells whether a value is in the list (compared with `==`).
---@generic T
---@param list T[]
---@param value T
---@return boolean
function M.contains(list, value)
  return M.indexOf(list, value) ~= nil
end

--- Tells whether `test` is true for one element at least.
---@generic T
---@param list T[]
---@param test fun(element: T, index: integer): any
---@return boolean
function M.any(list, test)
  return (select(2, M.find(list, test))) ~= nil
end

--- Tells whether `test` is true for each element; an empty list has no other.
---@generic T
---@param list T[]
---@param test fun(element: T, index: integer): any
---@return boolean
function M.all(list, test)
  for index, element in ipairs(list) do
    if not test(element, index) then
      return false
    end
  end
  return true
end

--- Returns the value that `field` (a field's name or a function) takes of each element.
---@generic T
---@param list T[]
---@param field string|fun(element: T): any
---@return any[]
function M.pluck(list, field)
  local read = M.reader(field)
  return M.map(list, function(element)
    return read(element)
  end)
end

--- Returns the lists of elements that have the same key.
---@generic T
---@param list T[]
---@param field string|fun(element: T): any a nil key leaves the element out
---@return table<any, T[]>
function M.groupBy(list, field)
  local read = M.reader(field)
  local groups = {}
  for _, element in ipairs(list) do
    local key = read(element)
    if key ~= nil then
      groups[key] = groups[key] or {}
      table.insert(groups[key], element)
    end
  end
  return groups
end

--- Returns the elements by their key; of two with the same one the later stays.
---@generic T
---@param list T[]
---@param field string|fun(element: T): any
---@return table<any, T>
function M.keyBy(list, field)
  local read = M.reader(field)
  local result = {}
  for _, element in ipairs(list) do
    local key = read(element)
    if key ~= nil then
      result[key] = element
    end
  end
  return result
end

--- Returns a sorted copy. Elements with the same key keep their order.
---@generic T
---@param list T[]
---@param field? string|fun(element: T): any what to sort by; without it, the elements themselves
---@param descending? boolean
---@return T[]
function M.sorted(list, field, descending)
  local read = M.reader(field or function(element)
    return element
  end)
  local entries = {}
  for index, element in ipairs(list) do
    entries[index] = { key = read(element), index = index, element = element }
  end
  table.sort(entries, function(one, other)
    if one.key == other.key then
      return one.index < other.index
    elseif descending then
      return other.key < one.key
    end
    return one.key < other.key
  end)
  return M.pluck(entries, 'element')
end

--- Returns the elements from `first` to `last` (the end, if left out), counted from 1.
---@generic T
---@param list T[]
---@param first integer
---@param last? integer
---@return T[]
function M.slice(list, first, last)
  return table.move(list, math.max(first, 1), math.min(last or #list, #list), 1, newList())
end

--- Returns one list of all elements of the given ones.
---@generic T
---@param ... T[]
---@return T[]
function M.concat(...)
  local result = newList()
  for _, list in ipairs({ ... }) do
    table.move(list, 1, #list, #result + 1, result)
  end
  return result
end

--- Returns each value once, in the order of its first place.
---@generic T
---@param list T[]
---@return T[]
function M.unique(list)
  local seen, result = {}, newList()
  for _, element in ipairs(list) do
    if not seen[element] then
      seen[element] = true
      result[#result + 1] = element
    end
  end
  return result
end

--- Returns a copy with the last element first.
---@generic T
---@param list T[]
---@return T[]
function M.reversed(list)
  local result = newList()
  for index = #list, 1, -1 do
    result[#result + 1] = list[index]
  end
  return result
end

--- Returns a table's string keys in alphabetical order: `pairs` has none.
---@param values table<string, any>
---@return string[]
function M.keys(values)
  local result = newList()
  for key in pairs(values) do
    if type(key) == 'string' then
      result[#result + 1] = key
    end
  end
  table.sort(result)
  return result
end

--- Appends to the list itself, and returns it.
---@generic T
---@param list T[]
---@param ... T
---@return T[]
function M.push(list, ...)
  for _, element in ipairs({ ... }) do
    list[#list + 1] = element
  end
  return list
end

--- Returns the function that reads a field; a function is returned as it is.
---@param field string|fun(element: any): any
---@return fun(element: any): any
function M.reader(field)
  if type(field) == 'function' then
    return field
  end
  return function(element)
    return element[field]
  end
end

local defaultTake, mostTake = 50, 200

---@class list.Page A part of a list: `take` and `skip`, or `limit` and the `cursor` to go on from.
---@field take? integer at most 200, 50 if left out; also `limit`
---@field skip? integer how many to leave out first; also `offset`
---@field limit? integer
---@field offset? integer
---@field cursor? string the id of the last one seen: the page begins behind it

--- Adds the fields of a page to those that `check.fields` takes, and returns them.
---@param fields? table<string, string>
---@return table<string, string>
function M.pageFields(fields)
  local result =
    { take = 'count?', limit = 'count?', skip = 'count?', offset = 'count?', cursor = 'id?' }
  for name, type in pairs(fields or {}) do
    result[name] = type
  end
  return result
end

--- Adds a page to the arguments of a `findMany`, and returns them.
---
--- The order has to end with the id, so that pages neither repeat nor lose a record.
---@generic T: table
---@param args T
---@param page list.Page
---@return T
function M.page(args, page)
  args.take = math.min(page.take or page.limit or defaultTake, mostTake)
  args.skip = page.skip or page.offset or 0
  if page.cursor then
    -- The cursor's own record has been seen.
    args.cursor = { id = page.cursor }
    args.skip = args.skip + 1
  end
  return args
end

return M
