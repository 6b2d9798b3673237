--- Changes of themes.
local check = require('check')
local css = require('css')
local db = require('db')
local json = require('json')
local theme = require('theme')
local time = require('time')

local M = {}

---@class css_designer.ThemeChanges
---@field name? string
---@field description? string|db.Null null empties it
---@field variables? table<string, string|number> all of them: what is not named is gone
---@field overrides? table<string, css_designer.Declarations>|db.Null all of them; null empties it
---@field isPublic? boolean

--- Changes a theme; what is not named stays. CSS that could break out raises `invalid_css`.
---@param themeId string
---@param changes css_designer.ThemeChanges
---@return css_designer.Theme
function M.updateTheme(themeId, changes)
  check.id(themeId, 'themeId')
  changes = check.changes(changes, 'changes', {
    name = 'text',
    description = 'string?',
    variables = 'object',
    overrides = 'object?',
    isPublic = 'boolean',
  })
  css.check(changes, 'changes')

  return db.transaction(function()
    local found = theme.get(themeId)
    if changes.name then
      theme.checkName(found.tenantId, changes.name, found.id)
    end
    changes.updatedAt = time.now()
    local data = json.encodeFields(changes, theme.jsonFields)
    return theme.decode(db.cssTheme.update({ where = { id = found.id }, data = data }))
  end)
end

--- Makes a theme the default of its tenant: the only one.
---@param themeId string
---@return css_designer.Theme
function M.setDefaultTheme(themeId)
  check.id(themeId, 'themeId')
  return db.transaction(function()
    local found = theme.get(themeId)
    theme.clearDefault(found.tenantId)
    local data = { isDefault = true, updatedAt = time.now() }
    return theme.decode(db.cssTheme.update({ where = { id = found.id }, data = data }))
  end)
end

return M
