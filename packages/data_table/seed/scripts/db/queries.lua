--- Lists of schemas and records, and the search.
local check = require('check')
local db = require('db')
local dynamic = require('dynamic')
local list = require('list')
local schemas = require('schema')
local sql = require('sql')
local text = require('text')

---@class data_table.db.queries
local M = {}

local mostWords = 10
local longestWord = 1000

--- Lists the schemas of a tenant, and those of every tenant, by name.
---@param tenantId string
---@return data_table.Schema[]
function M.listSchemas(tenantId)
  check.tenant(tenantId, 'tenantId')
  local records = db.modelSchema.findMany({
    where = { OR = { { tenantId = tenantId }, { tenantId = db.null } } },
    orderBy = { { name = 'asc' }, { id = 'asc' } },
  })
  return list.map(records, schemas.decode)
end

---@class data_table.Pagination: list.Page
---@field orderBy? any a name, a list of names or tables such as `{ age = "desc" }`: names of fields, `-` in front for the highest first; the schema's ordering, if left out

---@class data_table.Page
---@field records data_table.Record[]
---@field total integer how many there are on all pages
---@field take integer
---@field skip integer

-- Reads a page of what meets the conditions, and counts all of it: both see one state of the
-- database.
local function pageOf(schema, conditions, pagination)
  local order, problem = sql.order(schema, pagination.orderBy)
  if not order then
    error(check.fault('invalid_order', problem or ''))
  end
  ---@type any
  local page = list.page({}, pagination)
  return {
    records = list.map(
      sql.read(schema.id, conditions, order, page.take, page.skip),
      dynamic.decode
    ),
    total = sql.count(schema.id, conditions),
    take = page.take,
    skip = page.skip,
  }
end

local function paginationFields()
  return { take = 'count?', limit = 'count?', skip = 'count?', offset = 'count?', orderBy = 'any?' }
end

--- Lists a page of a table's records, filtered and sorted by fields of their data.
---
--- A filter is a value, or `{ operator = value }` with equals, not, gt, gte, lt, lte, contains,
--- startsWith, endsWith, in, notIn; `id`, `createdAt` and `updatedAt` are there beside the fields.
--- Wrong filters raise `invalid_filters` with every fault, a wrong order `invalid_order`.
---@param schemaId string
---@param filters? data_table.Filters
---@param pagination? data_table.Pagination
---@return data_table.Page
function M.listRecords(schemaId, filters, pagination)
  check.id(schemaId, 'schemaId')
  filters = check.type(filters, 'object?', 'filters') or {}
  pagination = check.fields(pagination, 'pagination', paginationFields())
  return db.transaction(function()
    local schema = schemas.get(schemaId)
    local conditions, problem = sql.filters(schema, filters)
    if not conditions then
      error(check.fault('invalid_filters', problem or ''))
    end
    return pageOf(schema, conditions, pagination)
  end)
end

--- Finds a page of the records that have each word of the query in one of the schema's search
--- fields (all texts, where it names none).
---@param schemaId string
---@param query string
---@param pagination? data_table.Pagination
---@return data_table.Page
function M.searchRecords(schemaId, query, pagination)
  check.id(schemaId, 'schemaId')
  check.string(query, 'query')
  pagination = check.fields(pagination, 'pagination', paginationFields())
  local words = {}
  for word in query:gmatch('%S+') do
    -- SQLite takes patterns of some length only; so much of a word finds what all of it does.
    words[#words + 1] = text.first(word, longestWord)
  end
  return db.transaction(function()
    local schema = schemas.get(schemaId)
    local conditions = sql.search(schema, list.slice(list.unique(words), 1, mostWords))
    return pageOf(schema, conditions, pagination)
  end)
end

return M
