--- Lists of themes.
local check = require('check')
local db = require('db')
local list = require('list')
local theme = require('theme')

---@class css_designer.db.queries
local M = {}

---@class css_designer.ThemeFilters: list.Page
---@field isPublic? boolean
---@field isDefault? boolean
---@field createdBy? string
---@field search? string a part of the name

--- Lists a tenant's themes by name, the default one first.
---@param tenantId string
---@param filters? css_designer.ThemeFilters
---@return css_designer.Theme[]
function M.listThemes(tenantId, filters)
  check.tenant(tenantId, 'tenantId')
  filters = check.fields(
    filters,
    'filters',
    list.pageFields({
      isPublic = 'boolean?',
      isDefault = 'boolean?',
      createdBy = 'string?',
      search = 'string?',
    })
  )

  local records = db.cssTheme.findMany(list.page({
    where = {
      tenantId = tenantId,
      isPublic = filters.isPublic,
      isDefault = filters.isDefault,
      createdBy = filters.createdBy,
      name = filters.search and { contains = filters.search },
    },
    orderBy = { { isDefault = 'desc' }, { name = 'asc' }, { id = 'asc' } },
  }, filters))
  return list.map(records, theme.decode)
end

return M
