--- Which part of a long list is asked for.
local M = {}

local defaultTake = 50
local mostTake = 200

---@class forum_forge.Page A part of a list: `take` and `skip`, or `limit` and the `cursor` to go on from.
---@field take? integer at most 200, 50 if left out; also `limit`
---@field skip? integer how many to leave out first; also `offset`
---@field limit? integer
---@field offset? integer
---@field cursor? string the id of the last one seen: the page begins behind it

--- The fields of a page, for `check.fields`.
---@return table<string, string>
function M.fields()
  return { take = 'count?', limit = 'count?', skip = 'count?', offset = 'count?', cursor = 'id?' }
end

--- Adds a page to the arguments of a findMany.
---@generic T: table
---@param args T
---@param page forum_forge.Page
---@return T
function M.apply(args, page)
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
