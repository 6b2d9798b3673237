--- ThemePage: a tenant's themes; with one of them, its preview.
local ctx = require('ctx')
local queries = require('db.queries') --[[@as css_designer.db.queries]]
local read = require('db.read') --[[@as css_designer.db.read]]
local themeList = require('ui.theme_list')
local themePreview = require('ui.theme_preview')
local ui = require('ui')

local M = {}

---@class css_designer.ThemePageProps
---@field tenantId? string the caller's, if left out
---@field themeId? string the default theme, if left out

local function newThemeForm(tenantId)
  return ui.Form({
    onSubmit = ui.action('css_designer.createTheme', tenantId),
    ui.Input({ name = 'name', label = 'Name', required = true }),
    ui.Textarea({ name = 'description', label = 'Description' }),
    ui.Button({ type = 'submit', 'Make a theme' }),
  })
end

--- Renders the page from `listThemes` and `renderCss`.
---@param props css_designer.ThemePageProps
---@return ui.Node
function M.render(props)
  local tenantId = props.tenantId or ctx.tenant
  local theme
  if props.themeId then
    theme = read.getTheme(props.themeId)
    if not theme then
      return ui.Alert({ severity = 'error', 'There is no such theme' })
    end
  else
    theme = read.getDefaultTheme(tenantId)
  end

  return ui.Container({
    ui.Heading({ level = 1, 'Themes' }),
    themeList.render({
      themes = queries.listThemes(tenantId),
      onChoose = 'css_designer.setDefaultTheme',
    }),
    theme and themePreview.render({ theme = theme, css = read.renderCss(theme.id) }),
    newThemeForm(tenantId),
  })
end

return M
