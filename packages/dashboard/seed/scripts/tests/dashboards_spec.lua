local dashboards = require('dashboard')
local db = require('db')
local list = require('list')

local function create(name, fields)
  local dashboard = { name = name }
  for key, value in pairs(fields or {}) do
    dashboard[key] = value
  end
  return dashboards.createDashboard('acme', 'ann', dashboard)
end

local function names(records)
  return list.pluck(records, 'name')
end

local function defaults()
  return names(db.dashboard.findMany({ where = { isDefault = true }, orderBy = { name = 'asc' } }))
end

describe('createDashboard', function()
  it('makes an empty dashboard with a grid of 12 columns', function()
    expect(create('Sales', { description = 'Numbers' })).toMatchObject({
      tenantId = 'acme',
      userId = 'ann',
      name = 'Sales',
      description = 'Numbers',
      layout = { columns = 12 },
      widgets = {},
      isDefault = false,
      isShared = false,
    })
  end)

  it('keeps what else a layout says', function()
    expect(create('Sales', { layout = { columns = 6, gap = 2 } }).layout).toEqual({
      columns = 6,
      gap = 2,
    })
  end)

  it('can have widgets at once, all or none', function()
    local made = create('Sales', {
      widgets = { { type = 'list', title = 'One' }, { type = 'stats', title = 'Two' } },
    })
    expect(made.widgets).toHaveLength(2)
    expect(list.pluck(assert(dashboards.getDashboard(made.id)).widgets, 'title')).toEqual({
      'One',
      'Two',
    })

    expect(function()
      create(
        'Other',
        { widgets = { { type = 'list', title = 'One' }, { type = 'list', title = ' ' } } }
      )
    end).toThrow('title')
    expect(db.dashboard.count()).toBe(1)
    expect(db.dashboardWidget.count()).toBe(2)
  end)

  it('stores JSON text in the columns', function()
    local record = assert(db.dashboard.findUnique({ where = { id = create('Sales').id } }))

    expect(record.layout).toBe('{"columns":12}')
    expect(record.widgets).toBe('[]')
  end)

  it('can be the whole tenant’s', function()
    expect(dashboards.createDashboard('acme', nil, { name = 'All' }).userId).toBeNil()
  end)

  it.each({ { 'ann' }, { db.null } })('has a name once for the user %s', function(userId)
    dashboards.createDashboard('acme', userId, { name = 'Sales' })

    expect(function()
      dashboards.createDashboard('acme', userId, { name = 'Sales' })
    end).toThrow({ code = 'taken' })
    expect(dashboards.createDashboard('acme', 'ben', { name = 'Sales' }).name).toBe('Sales')
    expect(dashboards.createDashboard('globex', userId, { name = 'Sales' }).name).toBe('Sales')
  end)

  it('takes the default from the one that had it', function()
    create('One', { isDefault = true })
    dashboards.createDashboard('acme', 'ben', { name = 'Ben’s', isDefault = true })
    create('Two', { isDefault = true })

    expect(defaults()).toEqual({ 'Ben’s', 'Two' })
  end)

  it.each({
    { 'tenantId', nil, 'ann', { name = 'A' } },
    { 'tenantId', { contains = '' }, 'ann', { name = 'A' } },
    { 'userId', 'acme', {}, { name = 'A' } },
    { 'dashboard', 'acme', 'ann', nil, n = 4 },
    { 'dashboard.name', 'acme', 'ann', { name = ' ' } },
    { 'dashboard.layout', 'acme', 'ann', { name = 'A', layout = { 1 } } },
    { 'dashboard.layout.columns', 'acme', 'ann', { name = 'A', layout = { columns = 0 } } },
    { 'dashboard.layout.columns', 'acme', 'ann', { name = 'A', layout = { columns = 49 } } },
    { 'dashboard.isShared', 'acme', 'ann', { name = 'A', isShared = 'yes' } },
    { 'nmae', 'acme', 'ann', { name = 'A', nmae = 'B' } },
  })('refuses a wrong %s', function(name, tenantId, userId, dashboard)
    expect(function()
      dashboards.createDashboard(tenantId, userId, dashboard)
    end).toThrow(name)
    expect(db.dashboard.count()).toBe(0)
  end)
end)

describe('listDashboards', function()
  before_each(function()
    create('Own')
    create('Own default', { isDefault = true })
    dashboards.createDashboard('acme', 'ben', { name = 'Private' })
    dashboards.createDashboard('acme', 'ben', { name = 'Shared', isShared = true })
    dashboards.createDashboard('acme', nil, { name = 'Everybody’s' })
    dashboards.createDashboard('globex', 'ann', { name = 'Elsewhere', isShared = true })
  end)

  it('lists what a user sees, the default first', function()
    expect(names(dashboards.listDashboards('acme', 'ann'))).toEqual({
      'Own default',
      'Everybody’s',
      'Own',
      'Shared',
    })
  end)

  it('lists what everybody sees', function()
    expect(names(dashboards.listDashboards('acme'))).toEqual({ 'Everybody’s', 'Shared' })
    expect(dashboards.listDashboards('nobody', 'ann')).toEqual({})
  end)

  it('must be told the tenant', function()
    expect(function()
      dashboards.listDashboards(nil --[[@as any]], 'ann')
    end).toThrow('tenantId')
    expect(function()
      dashboards.listDashboards('acme', 7 --[[@as any]])
    end).toThrow('userId')
  end)
end)

describe('getDefaultDashboard', function()
  it("gives the user's own before the tenant's", function()
    expect(dashboards.getDefaultDashboard('acme', 'ann')).toBeNil()
    dashboards.createDashboard('acme', nil, { name = 'All', isDefault = true })
    expect(assert(dashboards.getDefaultDashboard('acme', 'ann')).name).toBe('All')
    create('Own', { isDefault = true })
    expect(assert(dashboards.getDefaultDashboard('acme', 'ann')).name).toBe('Own')
    expect(assert(dashboards.getDefaultDashboard('acme')).name).toBe('All')
    expect(dashboards.getDefaultDashboard('globex', 'ann')).toBeNil()
  end)

  it('must be told the tenant', function()
    expect(function()
      dashboards.getDefaultDashboard('', 'ann')
    end).toThrow('tenantId')
  end)
end)

describe('getDashboard', function()
  it('gives the widgets in their order', function()
    local made = create('Sales')
    local first = dashboards.addWidget(made.id, { type = 'list', title = 'First' })
    local second = dashboards.addWidget(made.id, { type = 'stats', title = 'Second' })
    dashboards.updateDashboard(made.id, { widgets = { second.id, first.id } })

    local widgets = assert(dashboards.getDashboard(made.id)).widgets
    expect(list.pluck(widgets, 'title')).toEqual({ 'Second', 'First' })
    expect(assert(widgets[1]).config).toEqual({})
  end)

  it('gives nil where there is none', function()
    expect(dashboards.getDashboard('nothing')).toBeNil()
    expect(function()
      dashboards.getDashboard({} --[[@as any]])
    end).toThrow('dashboardId')
  end)
end)

describe('updateDashboard', function()
  it('changes what is named, and keeps the rest', function()
    local made = create('Sales', { description = 'Old', isShared = true })
    local changed = dashboards.updateDashboard(made.id, { name = 'Sums' })

    expect(changed).toMatchObject({ name = 'Sums', description = 'Old', isShared = true })
    expect(changed.updatedAt).toBeType('integer')
    expect(dashboards.updateDashboard(made.id, { description = db.null }).description).toBeNil()
  end)

  it('keeps names apart, and lets a dashboard have its own', function()
    create('One')
    local two = create('Two')

    expect(dashboards.updateDashboard(two.id, { name = 'Two' }).name).toBe('Two')
    expect(function()
      dashboards.updateDashboard(two.id, { name = 'One' })
    end).toThrow({ code = 'taken' })
  end)

  it('refuses a grid too narrow for its widgets', function()
    local made = create('Sales')
    dashboards.addWidget(made.id, {
      type = 'list',
      title = 'Right',
      position = { x = 8, y = 0, width = 4, height = 1 },
    })

    expect(function()
      dashboards.updateDashboard(made.id, { layout = { columns = 11 } })
    end).toThrow({ code = 'outside' })
    expect(dashboards.updateDashboard(made.id, { layout = { columns = 24 } }).layout.columns).toBe(
      24
    )
  end)

  it('wants each widget once in a new order', function()
    local made = create('Sales')
    local one = dashboards.addWidget(made.id, { type = 'list', title = 'One' })
    local two = dashboards.addWidget(made.id, { type = 'list', title = 'Two' })

    for _, ids in ipairs({ {}, { one.id }, { one.id, one.id }, { one.id, two.id, 'other' } }) do
      expect(function()
        dashboards.updateDashboard(made.id, { widgets = ids })
      end).toThrow({ code = 'wrong_widgets' })
    end
    expect(assert(assert(dashboards.getDashboard(made.id)).widgets[1]).id).toBe(one.id)
  end)

  it.each({
    { 'changes.name', { name = '' } },
    { 'changes.name', { name = db.null } },
    { 'changes.layout', { layout = 'wide' } },
    { 'changes.isDefault', { isDefault = 1 } },
    { 'tenantId', { tenantId = 'globex' } },
    { 'changes', 'Sums' },
  })('refuses a wrong %s', function(name, changes)
    local made = create('Sales')
    expect(function()
      dashboards.updateDashboard(made.id, changes)
    end).toThrow(name)
    expect(assert(dashboards.getDashboard(made.id)).updatedAt).toBeNil()
  end)

  it('refuses one that is not there', function()
    expect(function()
      dashboards.updateDashboard('nothing', { name = 'A' })
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('setDefaultDashboard', function()
  it('leaves one default for each user', function()
    local one, two = create('One', { isDefault = true }), create('Two')
    dashboards.createDashboard('acme', 'ben', { name = 'Ben’s', isDefault = true })
    dashboards.createDashboard('acme', nil, { name = 'All', isDefault = true })

    expect(dashboards.setDefaultDashboard(two.id).isDefault).toBe(true)
    expect(defaults()).toEqual({ 'All', 'Ben’s', 'Two' })
    dashboards.setDefaultDashboard(one.id)
    dashboards.setDefaultDashboard(one.id)
    expect(defaults()).toEqual({ 'All', 'Ben’s', 'One' })
  end)

  it('refuses one that is not there, and takes nobody’s default', function()
    create('One', { isDefault = true })
    expect(function()
      dashboards.setDefaultDashboard('nothing')
    end).toThrow({ code = 'not_found' })
    expect(function()
      dashboards.setDefaultDashboard(nil --[[@as any]])
    end).toThrow('dashboardId')
    expect(defaults()).toEqual({ 'One' })
  end)
end)

describe('deleteDashboard', function()
  it('takes its widgets along', function()
    local made, kept = create('Sales'), create('Kept')
    dashboards.addWidget(made.id, { type = 'list', title = 'Gone' })
    dashboards.addWidget(kept.id, { type = 'list', title = 'Kept' })

    expect(dashboards.deleteDashboard(made.id).name).toBe('Sales')
    expect(dashboards.getDashboard(made.id)).toBeNil()
    expect(list.pluck(db.dashboardWidget.findMany(), 'title')).toEqual({ 'Kept' })
  end)

  it('refuses one that is not there', function()
    expect(function()
      dashboards.deleteDashboard('nothing')
    end).toThrow({ code = 'not_found' })
  end)
end)
