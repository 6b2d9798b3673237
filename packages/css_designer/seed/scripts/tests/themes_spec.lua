local css = require('css_designer')
local db = require('db')
local list = require('list')

local function create(name, fields)
  local theme = { name = name }
  for key, value in pairs(fields or {}) do
    theme[key] = value
  end
  return css.createTheme('acme', theme)
end

local function names(themes)
  return list.pluck(themes, 'name')
end

local function defaults()
  return names(db.cssTheme.findMany({ where = { isDefault = true }, orderBy = { name = 'asc' } }))
end

describe('createTheme', function()
  it('keeps variables and overrides as tables', function()
    local theme = create('Dark', {
      description = 'At night',
      variables = { bg = '#000', space = 4 },
      overrides = { ['.a'] = { color = 'red' } },
      isPublic = true,
      createdBy = 'ann',
    })

    expect(theme).toMatchObject({
      tenantId = 'acme',
      name = 'Dark',
      description = 'At night',
      variables = { bg = '#000', space = 4 },
      overrides = { ['.a'] = { color = 'red' } },
      isDefault = false,
      isPublic = true,
      createdBy = 'ann',
    })
    expect(assert(db.cssTheme.findUnique({ where = { id = theme.id } })).variables).toBeType(
      'string'
    )
  end)

  it('needs no more than a name', function()
    expect(create('Plain')).toMatchObject({ variables = {}, isDefault = false, isPublic = false })
    expect(create('Other').overrides).toBeNil()
  end)

  it('notes who made it', function()
    local theme = asCaller({ tenant = 'acme', user = 'ben' }, function()
      return create('Ben’s')
    end)
    expect(theme.createdBy).toBe('ben')
  end)

  it('has a name once in a tenant', function()
    create('Dark')
    expect(function()
      create('Dark')
    end).toThrow({ code = 'taken' })
    expect(css.createTheme('globex', { name = 'Dark' }).name).toBe('Dark')
  end)

  it('can be the default at once', function()
    create('One', { isDefault = true })
    create('Two', { isDefault = true })
    css.createTheme('globex', { name = 'Three', isDefault = true })
    expect(defaults()).toEqual({ 'Three', 'Two' })
  end)

  it.each({
    { 'tenantId', nil, { name = 'A' } },
    { 'tenantId', {}, { name = 'A' } },
    { 'theme.name', 'acme', {} },
    { 'theme.name', 'acme', { name = '' } },
    { 'theme.variables', 'acme', { name = 'A', variables = 'red' } },
    { 'theme.variables', 'acme', { name = 'A', variables = { 'red' } } },
    { 'theme.overrides', 'acme', { name = 'A', overrides = { '.a' } } },
    { 'theme.isPublic', 'acme', { name = 'A', isPublic = 'yes' } },
    { 'css', 'acme', { name = 'A', css = 'body{}' } },
  })('refuses a wrong %s', function(name, tenantId, theme)
    expect(function()
      css.createTheme(tenantId, theme)
    end).toThrow(name)
    expect(db.cssTheme.count()).toBe(0)
  end)
end)

describe('getTheme', function()
  it('gives one, or nil', function()
    local theme = create('Dark')
    expect(css.getTheme(theme.id)).toEqual(theme)
    expect(css.getTheme('nothing')).toBeNil()
    expect(function()
      css.getTheme(nil --[[@as any]])
    end).toThrow('themeId')
  end)
end)

describe('getDefaultTheme', function()
  it('gives the tenant’s, or nil', function()
    expect(css.getDefaultTheme('acme')).toBeNil()
    create('Dark', { isDefault = true })
    expect(assert(css.getDefaultTheme('acme')).name).toBe('Dark')
    expect(css.getDefaultTheme('globex')).toBeNil()
  end)
end)

describe('listThemes', function()
  before_each(function()
    create('Dark', { isPublic = true })
    create('Light', { isDefault = true, createdBy = 'ann' })
    create('Contrast')
    css.createTheme('globex', { name = 'Elsewhere', isPublic = true })
  end)

  it.each({
    { filters = {}, expected = { 'Light', 'Contrast', 'Dark' } },
    { filters = { isPublic = true }, expected = { 'Dark' } },
    { filters = { isDefault = false }, expected = { 'Contrast', 'Dark' } },
    { filters = { createdBy = 'ann' }, expected = { 'Light' } },
    { filters = { search = 'ra' }, expected = { 'Contrast' } },
    { filters = { take = 1, skip = 1 }, expected = { 'Contrast' } },
  })('filters by $filters', function(case)
    expect(names(css.listThemes('acme', case.filters))).toEqual(case.expected)
  end)

  it.each({
    { 'tenantId', nil, {} },
    { 'filters.isPublic', 'acme', { isPublic = 'yes' } },
    { 'filters.createdBy', 'acme', { createdBy = { contains = '' } } },
    { 'public', 'acme', { public = true } },
  })('refuses a wrong %s', function(name, tenantId, filters)
    expect(function()
      css.listThemes(tenantId, filters)
    end).toThrow(name)
  end)
end)

describe('updateTheme', function()
  it('changes what is named, and keeps the rest', function()
    local theme = create('Dark', { description = 'Old', variables = { a = 1 } })
    local changed = css.updateTheme(theme.id, { variables = { b = 2 }, isPublic = true })

    expect(changed).toMatchObject({ name = 'Dark', description = 'Old', isPublic = true })
    expect(changed.variables).toEqual({ b = 2 })
    expect(changed.updatedAt).toBeType('integer')
  end)

  it('empties what may be empty', function()
    local theme =
      create('Dark', { description = 'Old', overrides = { ['.a'] = { color = 'red' } } })
    local changed = css.updateTheme(theme.id, { description = db.null, overrides = db.null })

    expect(changed.description).toBeNil()
    expect(changed.overrides).toBeNil()
  end)

  it('checks the CSS, and changes nothing then', function()
    local theme = create('Dark', { variables = { a = 1 } })
    expect(function()
      css.updateTheme(theme.id, { name = 'Worse', variables = { a = '}' } })
    end).toThrow({ code = 'invalid_css' })
    expect(css.getTheme(theme.id)).toEqual(theme)
  end)

  it('keeps names apart', function()
    create('Dark')
    local light = create('Light')
    expect(css.updateTheme(light.id, { name = 'Light' }).name).toBe('Light')
    expect(function()
      css.updateTheme(light.id, { name = 'Dark' })
    end).toThrow({ code = 'taken' })
  end)

  it.each({
    { 'changes.name', { name = db.null } },
    { 'changes.variables', { variables = { 1 } } },
    { 'isDefault', { isDefault = true } },
    { 'changes', 'Dark' },
  })('refuses a wrong %s', function(name, changes)
    local theme = create('Dark')
    expect(function()
      css.updateTheme(theme.id, changes)
    end).toThrow(name)
  end)
end)

describe('setDefaultTheme', function()
  it('leaves exactly one in a tenant', function()
    local one, two = create('One'), create('Two', { isDefault = true })
    css.createTheme('globex', { name = 'Three', isDefault = true })

    expect(css.setDefaultTheme(one.id).isDefault).toBe(true)
    expect(defaults()).toEqual({ 'One', 'Three' })
    css.setDefaultTheme(two.id)
    css.setDefaultTheme(two.id)
    expect(defaults()).toEqual({ 'Three', 'Two' })
  end)

  it('keeps the default where the new one is not there', function()
    create('One', { isDefault = true })
    expect(function()
      css.setDefaultTheme('nothing')
    end).toThrow({ code = 'not_found' })
    expect(defaults()).toEqual({ 'One' })
  end)
end)

describe('cloneTheme', function()
  it('copies the CSS, not the standing', function()
    local theme = create('Dark', {
      description = 'D',
      variables = { a = 1 },
      overrides = { ['.a'] = { color = 'red' } },
      isDefault = true,
      isPublic = true,
    })
    local clone = css.cloneTheme(theme.id, 'Darker')

    expect(clone).toMatchObject({ tenantId = 'acme', name = 'Darker', description = 'D' })
    expect(clone).toMatchObject({ isDefault = false, isPublic = false })
    expect(css.renderCss(clone.id)).toBe(css.renderCss(theme.id))
    css.updateTheme(clone.id, { variables = {} })
    expect(assert(css.getTheme(theme.id)).variables).toEqual({ a = 1 })
  end)

  it('needs a name of its own', function()
    local theme = create('Dark')
    expect(function()
      css.cloneTheme(theme.id, 'Dark')
    end).toThrow({ code = 'taken' })
    expect(function()
      css.cloneTheme(theme.id, ' ')
    end).toThrow('name')
    expect(function()
      css.cloneTheme('nothing', 'Other')
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('deleteTheme', function()
  it('deletes one, and returns what it was', function()
    local theme = create('Dark', { variables = { a = 1 } })
    create('Light')

    expect(css.deleteTheme(theme.id).variables).toEqual({ a = 1 })
    expect(names(css.listThemes('acme'))).toEqual({ 'Light' })
    expect(function()
      css.deleteTheme(theme.id)
    end).toThrow({ code = 'not_found' })
  end)

  it('keeps the default one while there are others', function()
    local theme, other = create('One', { isDefault = true }), create('Two')
    css.createTheme('globex', { name = 'Elsewhere' })

    expect(function()
      css.deleteTheme(theme.id)
    end).toThrow({ code = 'default_theme' })
    css.deleteTheme(other.id)
    expect(css.deleteTheme(theme.id).name).toBe('One')
  end)
end)

describe('another tenant', function()
  it('reaches no theme', function()
    local theme = create('Dark', { isPublic = true })

    asCaller({ tenant = 'globex' }, function()
      expect(css.getTheme(theme.id)).toBeNil()
      for name, arguments in pairs({
        renderCss = {},
        updateTheme = { { name = 'Mine' } },
        setDefaultTheme = {},
        cloneTheme = { 'Mine' },
        deleteTheme = {},
      }) do
        expect(function()
          css[name](theme.id, table.unpack(arguments))
        end).toThrow({ code = 'not_found' })
      end
      for name, arguments in pairs({
        createTheme = { { name = 'Mine' } },
        listThemes = {},
        getDefaultTheme = {},
      }) do
        expect(function()
          css[name]('acme', table.unpack(arguments))
        end).toThrow({ code = 'forbidden' })
      end
    end)

    expect(css.getTheme(theme.id)).toEqual(theme)
    expect(db.cssTheme.count()).toBe(1)
  end)
end)
