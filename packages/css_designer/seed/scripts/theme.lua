--- A theme as callers see it, and which ones they may reach.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')

local M = {}

---@class css_designer.Theme A theme with its JSON fields as tables.
---@field id string
---@field tenantId string
---@field name string
---@field description? string
---@field variables table<string, string|number> by name, with or without the dashes
---@field overrides? table<string, css_designer.Declarations> by selector
---@field isDefault boolean
---@field isPublic boolean
---@field createdAt integer milliseconds since the epoch
---@field updatedAt? integer milliseconds since the epoch
---@field createdBy? string

--- The fields that are JSON text in the database.
M.jsonFields = { 'variables', 'overrides' }

--- Decodes the JSON columns of a record in place.
---@param record CSSTheme
---@return css_designer.Theme
function M.decode(record)
  return json.decodeFields(record, M.jsonFields)
end

--- Looks for a theme that the caller may reach.
---@param themeId string
---@return css_designer.Theme?
function M.find(themeId)
  local record = db.cssTheme.findFirst({ where = { id = themeId, tenantId = ctx.bound } })
  return record and M.decode(record)
end

--- Returns a theme that the caller may reach; raises `not_found` where there is none.
---@param themeId string
---@return css_designer.Theme
function M.get(themeId)
  return check.found(M.find(themeId), 'theme', themeId)
end

--- Raises `taken` where another theme of the tenant has the name.
---@param tenantId string
---@param name string
---@param themeId? string the one that may have it
function M.checkName(tenantId, name, themeId)
  local where = { tenantId = tenantId, name = name, id = themeId and { ['not'] = themeId } }
  check.free(db.cssTheme.findFirst({ where = where }), 'theme', name)
end

--- Takes the mark from the tenant's default theme. Call it in the transaction that sets another.
---@param tenantId string
function M.clearDefault(tenantId)
  db.cssTheme.updateMany({
    where = { tenantId = tenantId, isDefault = true },
    data = { isDefault = false },
  })
end

return M
