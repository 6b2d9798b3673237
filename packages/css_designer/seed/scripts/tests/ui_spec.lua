local css = require('css_designer')
local list = require('list')
local themeList = require('ui.theme_list')
local themePage = require('ui.theme_page')
local themePreview = require('ui.theme_preview')
local ui = require('ui')
local variableRow = require('ui.variable_row')

describe('VariableRow', function()
  it('has a swatch for a color', function()
    for value, colored in pairs({ ['#0af'] = true, ['rgb(1, 2, 3)'] = true, ['4px'] = false }) do
      local node = variableRow.render({ name = 'x', value = value })

      expect(ui.textOf(node)).toBe('--x ' .. value)
      expect(ui.find(node, 'Icon') ~= nil).toBe(colored)
    end
  end)
end)

describe('ThemePreview', function()
  it('shows the variables in order, and the CSS', function()
    local theme = { id = 't1', name = 'Dark', variables = { b = 2, a = '#000' } }
    local node = themePreview.render({ theme = theme, css = ':root {}' } --[[@as any]])

    expect(list.map(ui.findAll(node, 'ListItem'), ui.textOf)).toEqual({ '--a #000', '--b 2' })
    expect(ui.textOf(node)).toEndWith(':root {}')
  end)
end)

describe('ThemeList', function()
  it('offers to choose all but the default', function()
    local themes = {
      { id = 't1', name = 'One', isDefault = true, isPublic = false },
      { id = 't2', name = 'Two', isDefault = false, isPublic = true },
    }
    local node =
      themeList.render({ themes = themes, onChoose = 'css_designer.setDefaultTheme' } --[[@as any]])

    expect(ui.findAll(node, 'Button')).toHaveLength(1)
    expect(assert(ui.find(node, 'Button')).props.onClick.args).toEqual({ 't2' })
    expect(list.map(ui.findAll(node, 'Chip'), ui.textOf)).toEqual({ 'Default', 'Public' })
  end)

  it('says that there are none', function()
    expect(themeList.render({ themes = {} }).type).toBe('Alert')
  end)
end)

describe('ThemePage', function()
  it('shows the themes, and the default one', function()
    css.createTheme('acme', { name = 'Dark', variables = { bg = '#000' }, isDefault = true })
    css.createTheme('acme', { name = 'Light' })
    local page = themePage.render({ tenantId = 'acme' })

    expect(list.map(ui.findAll(page, 'Link'), ui.textOf)).toEqual({ 'Dark', 'Light' })
    expect(ui.textOf(page)).toContain('--bg: #000;')
  end)

  it('shows the one that is asked for', function()
    local theme = css.createTheme('acme', { name = 'Light', variables = { bg = '#fff' } })
    local page = themePage.render({ tenantId = 'acme', themeId = theme.id })

    expect(ui.textOf(page)).toContain('--bg: #fff;')
    expect(themePage.render({ tenantId = 'acme', themeId = 'nothing' }).type).toBe('Alert')
  end)

  it('says that there is nothing', function()
    expect(ui.textOf(themePage.render({ tenantId = 'acme' }))).toContain('No themes yet')
  end)
end)
