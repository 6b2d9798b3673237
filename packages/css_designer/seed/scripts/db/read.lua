--- Reading one theme.
local check = require('check')
local css = require('css')
local db = require('db')
local theme = require('theme')

---@class css_designer.db.read
local M = {}

--- Returns a theme; nil where there is none.
---@param themeId string
---@return css_designer.Theme?
function M.getTheme(themeId)
  check.id(themeId, 'themeId')
  return theme.find(themeId)
end

--- Returns a tenant's default theme; nil where none is set.
---@param tenantId string
---@return css_designer.Theme?
function M.getDefaultTheme(tenantId)
  check.tenant(tenantId, 'tenantId')
  local record = db.cssTheme.findFirst({ where = { tenantId = tenantId, isDefault = true } })
  return record and theme.decode(record)
end

--- Returns a theme as CSS text: its variables on `:root`, then its overrides. The same theme gives
--- the same text.
---@param themeId string
---@return string
function M.renderCss(themeId)
  check.id(themeId, 'themeId')
  return css.render(theme.get(themeId))
end

return M
