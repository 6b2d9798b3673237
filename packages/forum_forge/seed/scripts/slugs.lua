--- Slugs: names for addresses, unique among siblings.
local list = require('list')
local text = require('text')

local M = {}

--- Makes a slug from a title that none of the siblings has: `hello`, else `hello-2`, `hello-3`, ...
---
--- Call it in the transaction that writes the slug, or another writer may take the same one.
---@param title string
---@param fallback string for a title without letters and digits
---@param siblings fun(prefix: string): { slug: string }[] finds the siblings whose slug begins so
---@return string
function M.unique(title, fallback, siblings)
  local base = text.slug(title, fallback)
  local taken = list.keyBy(siblings(base), 'slug')
  local slug, number = base, 1
  while taken[slug] do
    number = number + 1
    slug = base .. '-' .. number
  end
  return slug
end

return M
