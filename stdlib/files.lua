--- Bytes outside of the database, in the package's data folder; for a package with the capability
--- `files`.
---
---     local files = require('files')
---     local path = files.put(data)
---     files.get(path) == data
---
--- The folder lies beside the database; beside a database in memory it is in memory, too. What lies
--- outside of it cannot be reached. A transaction that rolls back leaves files as they are.
local native = ...

---@class files
local M = {}

local function call(operation, value, name)
  if not native[operation] then
    local message =
      'files.%s is only there for a package with the capability `files`; add it to `capabilities` in metadata.json'
    error(message:format(operation), 3)
  elseif type(value) ~= 'string' then
    error(('files.%s: `%s` must be a string, found a %s'):format(operation, name, type(value)), 3)
  end
  local result, message = native[operation](value)
  if message then
    error(('files.%s: %s'):format(operation, message), 3)
  end
  return result
end

--- Keeps bytes, and returns their path. The same bytes have the same path, and are kept once.
---@param data string at most 64 MiB
---@return string path `objects/ab/ab12...`
function M.put(data)
  local path = call('put', data, 'data')
  return path
end

--- Returns the bytes of a file; nil where there is none.
---@param path string below the package's data folder
---@return string?
function M.get(path)
  local data = call('get', path, 'path')
  return data
end

--- Tells whether there is a file.
---@param path string
---@return boolean
function M.exists(path)
  local size = call('size', path, 'path')
  return size ~= nil
end

--- Returns the size of a file in bytes; nil where there is none.
---@param path string
---@return integer?
function M.size(path)
  local size = call('size', path, 'path')
  return size
end

--- Deletes a file, and tells whether there was one. Make sure that no row names it any more: what
--- has the same bytes has the same path.
---@param path string
---@return boolean
function M.delete(path)
  local deleted = call('delete', path, 'path')
  return deleted
end

return M
