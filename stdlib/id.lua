--- New ids, in the forms that Prisma's defaults have.
local native = ...

---@class id
local M = {}

--- Returns a cuid, as `@default(cuid())` makes it: 25 characters that sort by time.
---@return string
function M.cuid()
  return native.cuid()
end

--- Returns a cuid of version 2, as `@default(cuid(2))` makes it: 24 characters that tell nothing.
---@return string
function M.cuid2()
  return native.cuid2()
end

--- Returns a random UUID (version 4).
---@return string
function M.uuid()
  return native.uuid()
end

--- Returns a UUID that sorts by time (version 7).
---@return string
function M.uuid7()
  return native.uuid7()
end

--- Returns a ULID: 26 characters that sort by time.
---@return string
function M.ulid()
  return native.ulid()
end

--- Returns a nanoid.
---@param length? integer 2 to 255, 21 if left out
---@return string
function M.nanoid(length)
  length = math.tointeger(length or 21)
  if not length or length < 2 or length > 255 then
    error('id.nanoid: expected a length from 2 to 255', 2)
  end
  return native.nanoid(length)
end

return M
