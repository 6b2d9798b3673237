--- The database as packages that exist already see it: a handle with entities and CRUD, over `db`.
---
---     local dbal = require('dbal')
---     local post = dbal:create('Pkg_ForumForge_ForumPost', { threadId = id, content = 'hello' })
---     local page = dbal:list('Pkg_ForumForge_ForumPost', { where = { threadId = id }, take = 20 })
---     for _, each in ipairs(page.items) do print(each.content) end
---
--- An operation whose first parameter is called `dbal` is given it by whoever calls it.
local native, standard = ...

---@class dbal
local M = {}

-- The field that a record is named by.
local function keyOf(entity, id)
  if type(id) == 'table' then
    return id
  elseif id == nil then
    error(('dbal: an id of %s is needed, found nil'):format(entity), 3)
  end
  return { id = id }
end

--- Returns the model of an entity: `Pkg_ForumForge_ForumPost` is ForumPost, where there is no model of the whole name.
local function modelOf(entity)
  if type(entity) ~= 'string' then
    error(('dbal: the name of an entity is needed, found a %s'):format(type(entity)), 3)
  end
  local db = standard('db')
  local names = { entity, entity:match('^Pkg_[^_]+_(.+)$'), entity:gsub('^Pkg_', ''):gsub('_', '') }
  local firstFault
  for index = 1, 3 do
    if names[index] then
      local ok, model = pcall(db.model, names[index])
      if ok then
        return model
      end
      firstFault = firstFault or model
    end
  end
  error(firstFault, 0)
end

local function check(self)
  if self ~= M then
    error('dbal: called with a dot; write `dbal:create(entity, data)` with a colon', 3)
  end
end

local function optionsOf(options)
  options = options or {}
  return {
    where = options.where or options.filter,
    orderBy = options.orderBy or options.sort,
    take = options.take or options.limit,
    skip = options.skip or options.offset,
    select = options.select,
    include = options.include,
  }
end

--- Makes a record and returns it.
---@param entity string
---@param data table
---@return table
function M:create(entity, data)
  check(self)
  return modelOf(entity).create({ data = data or {} })
end

--- Returns the record with an id, or nil.
---@param entity string
---@param id any
---@return table?
function M:read(entity, id)
  check(self)
  return modelOf(entity).findUnique({ where = keyOf(entity, id) })
end

--- Changes the record with an id and returns it; raises where there is none.
---@param entity string
---@param id any
---@param data table
---@return table
function M:update(entity, id, data)
  check(self)
  return modelOf(entity).update({ where = keyOf(entity, id), data = data or {} })
end

--- Deletes the record with an id; tells whether there was one.
---@param entity string
---@param id any
---@return boolean
function M:delete(entity, id)
  check(self)
  local ok, fault = pcall(modelOf(entity).delete, { where = keyOf(entity, id) })
  if not ok and type(fault) == 'table' and fault.code == 'P2025' then
    return false
  elseif not ok then
    error(fault, 0)
  end
  return true
end

--- Lists records: those of a page in `items`, and the number of all that fit in `total`.
---@param entity string
---@param options? { where?: table, orderBy?: table, take?: integer, skip?: integer }
---@return { items: table[], total: integer }
function M:list(entity, options)
  check(self)
  local model = modelOf(entity)
  local args = optionsOf(options)
  return { items = model.findMany(args), total = model.count({ where = args.where }) }
end

--- Returns the first record that fits, or nil.
---@param entity string
---@param options? { where?: table, orderBy?: table }
---@return table?
function M:findFirst(entity, options)
  check(self)
  return modelOf(entity).findFirst(optionsOf(options))
end

--- Counts the records that fit.
---@param entity string
---@param options? { where?: table }
---@return integer
function M:count(entity, options)
  check(self)
  return modelOf(entity).count({ where = (options or {}).where })
end

return M
