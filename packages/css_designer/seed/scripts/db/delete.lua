--- Removing themes.
local check = require('check')
local db = require('db')
local theme = require('theme')

local M = {}

--- Deletes a theme, and returns what it was. The default one goes last: while there are others, the
--- code is `default_theme`.
---@param themeId string
---@return css_designer.Theme
function M.deleteTheme(themeId)
  check.id(themeId, 'themeId')
  return db.transaction(function()
    local found = theme.get(themeId)
    if found.isDefault and db.cssTheme.count({ where = { tenantId = found.tenantId } }) > 1 then
      local message = 'the theme "%s" is the default: make another one the default first'
      error(check.fault('default_theme', message:format(found.name)))
    end
    db.cssTheme.delete({ where = { id = found.id } })
    return found
  end)
end

return M
