-- Operations over the handle that a host passes.
local M = {}

local ENTITY = "Pkg_KitForum_ForumKitPost"

---@param dbal table
---@param tenantId string
---@param data table
function M.createPost(dbal, tenantId, data)
  return dbal:create(ENTITY, { tenantId = tenantId, title = data.title, createdAt = data.createdAt or 0 })
end

---@param dbal table
---@param id string
function M.getPost(dbal, id)
  return dbal:read(ENTITY, id)
end

---@param dbal table
---@param tenantId string
---@param take number?
---@param skip number?
function M.listPosts(dbal, tenantId, take, skip)
  local result = dbal:list(ENTITY, {
    where = { tenantId = tenantId },
    orderBy = { createdAt = "desc" },
    take = take or 20,
    skip = skip or 0,
  })
  return result.items or {}
end

---@param dbal table
---@param id string
---@param likes number
function M.setLikes(dbal, id, likes)
  return dbal:update(ENTITY, id, { likes = likes })
end

---@param dbal table
---@param id string
function M.deletePost(dbal, id)
  return dbal:delete(ENTITY, id)
end

---@param dbal table
---@param tenantId string
---@param title string
function M.findByTitle(dbal, tenantId, title)
  return dbal:findFirst(ENTITY, { where = { tenantId = tenantId, title = title } })
end

return M
