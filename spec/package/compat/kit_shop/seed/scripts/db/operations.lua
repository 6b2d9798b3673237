local operations = {}
local ENTITY = "Pkg_KitShop_ShopItem"
function operations.createItem(dbal, params)
  if not params.title or params.title == "" then return nil, "title required" end
  return dbal:create(ENTITY, { tenantId = params.tenantId, title = params.title, cents = params.cents or 0, tags = json.encode(params.tags or {}), createdAt = os.time() * 1000 })
end
function operations.getItem(dbal, id) return dbal:read(ENTITY, id) end
function operations.updateItem(dbal, id, changes) return dbal:update(ENTITY, id, changes) end
function operations.removeItem(dbal, id) return dbal:delete(ENTITY, id) end
function operations.listItems(dbal, tenantId, take, skip)
  local result = dbal:list(ENTITY, { where = { tenantId = tenantId }, orderBy = { title = "asc" }, take = take or 20, skip = skip or 0 })
  return result.items or {}
end
function operations.first(dbal, where) return dbal:findFirst(ENTITY, { where = where }) end
function operations.cheap(dbal, tenantId)
  local r = dbal:list(ENTITY, { where = { tenantId = tenantId, cents = { lt = 100 } }, orderBy = { { cents = "desc" }, { title = "asc" } } })
  return r.items
end
function operations.countItems(dbal, tenantId)
  return #dbal:list("ShopItem", { where = { tenantId = tenantId } }).items
end
return operations
