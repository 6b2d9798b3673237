--- New themes.
local check = require('check')
local css = require('css')
local ctx = require('ctx')
local db = require('db')
local json = require('json')
local themes = require('theme')
local time = require('time')

local M = {}

---@class css_designer.NewTheme
---@field name string
---@field description? string
---@field variables? table<string, string|number> by name, with or without the dashes
---@field overrides? table<string, css_designer.Declarations> by selector
---@field isDefault? boolean
---@field isPublic? boolean
---@field createdBy? string the caller, if left out

local function add(tenantId, fields)
  return db.transaction(function()
    themes.checkName(tenantId, fields.name)
    if fields.isDefault then
      themes.clearDefault(tenantId)
    end
    return themes.decode(db.cssTheme.create({
      data = json.encodeFields({
        tenantId = tenantId,
        name = fields.name,
        description = fields.description,
        variables = fields.variables or {},
        overrides = fields.overrides,
        isDefault = fields.isDefault,
        isPublic = fields.isPublic,
        createdAt = time.now(),
        createdBy = fields.createdBy or ctx.user,
      }, themes.jsonFields),
    }))
  end)
end

--- Makes a theme. CSS that could break out raises `invalid_css` with every fault, a name in use
--- `taken`.
---@param tenantId string
---@param theme css_designer.NewTheme
---@return css_designer.Theme
function M.createTheme(tenantId, theme)
  check.tenant(tenantId, 'tenantId')
  theme = check.fields(theme, 'theme', {
    name = 'text',
    description = 'string?',
    variables = 'object?',
    overrides = 'object?',
    isDefault = 'boolean?',
    isPublic = 'boolean?',
    createdBy = 'id?',
  })
  css.check(theme, 'theme')
  return add(tenantId, theme)
end

--- Copies a theme under another name. The copy is nobody's default, and not public.
---@param themeId string
---@param name string
---@return css_designer.Theme
function M.cloneTheme(themeId, name)
  check.id(themeId, 'themeId')
  check.text(name, 'name')
  return db.transaction(function()
    local original = themes.get(themeId)
    return add(original.tenantId, {
      name = name,
      description = original.description,
      variables = original.variables,
      overrides = original.overrides,
    })
  end)
end

return M
