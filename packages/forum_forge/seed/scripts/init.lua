--- Forums: categories within categories, threads, posts and likes. The operations lie in `db/`.
local create = require('db.create') --[[@as forum_forge.db.create]]
local queries = require('db.queries') --[[@as forum_forge.db.queries]]

local M = {}

-- What a tenant begins with, in this order.
local startingCategories = {
  { name = 'General', description = 'Whatever fits nowhere else.' },
  { name = 'Help', description = 'Questions, and answers to them.' },
  { name = 'Feedback', description = 'What should be different here.' },
}

--- Makes the starting categories of a tenant that has none.
---@param ctx ctx
function M.on_tenant(ctx)
  if #queries.listCategories(ctx.tenant) > 0 then
    return
  end
  for index, category in ipairs(startingCategories) do
    create.createCategory(ctx.tenant, {
      name = category.name,
      description = category.description,
      sortOrder = index,
    })
  end
end

return M
