--- Operations whose annotations the border checks; each returns its arguments.
local M = {}

---@class standard_library.Base
---@field id string

---@class standard_library.Item: standard_library.Base
---@field count integer
---@field tags? string[]
---@field inner? standard_library.Item

---@class standard_library.Loose: standard_library.Item
---@field count? integer

---@param name string
---@param count? integer
function M.plain(name, count)
  return name, count
end

---@param value number
function M.number(value)
  return value
end

---@param value boolean
function M.boolean(value)
  return value
end

---@param value 'a'|'b'|7
function M.literal(value)
  return value
end

---@param value string|integer[]
function M.union(value)
  return value
end

---@param value string[]
function M.list(value)
  return value
end

---@param value table<string, integer>
function M.map(value)
  return value
end

---@param value { a: string, b?: integer }
function M.record(value)
  return value
end

---@param value standard_library.Item
function M.class(value)
  return value
end

---@param value standard_library.Loose
function M.loose(value)
  return value
end

---@param value standard_library.Item[]|nil
function M.classes(value)
  return value
end

---@param value fun(a: string): string
function M.call(value)
  return value
end

---@param value any
---@param other Unknown
---@generic T
---@param third T
function M.any(value, other, third)
  return value, other, third
end

---@param page list.Page
function M.page(page)
  return page
end

---@param first string
---@param ... integer
function M.rest(first, ...)
  return first, ...
end

--- Says nothing of its arguments.
function M.free(value)
  return value
end

function M.raises()
  error('inside', 2)
end

return M
