local dashboards = require('dashboard')
local db = require('db')
local grid = require('grid')

---@type dashboard.Dashboard
local dashboard

before_each(function()
  dashboard = dashboards.createDashboard('acme', 'ann', { name = 'Sales' })
end)

local function add(position, title)
  return dashboards.addWidget(dashboard.id, {
    type = 'stats',
    title = title or 'Widget',
    position = position,
  })
end

local function at(x, y, width, height)
  return { x = x, y = y, width = width, height = height }
end

local function widgets()
  return assert(dashboards.getDashboard(dashboard.id)).widgets
end

local function expectNoOverlap()
  local all = widgets()
  for index, one in ipairs(all) do
    for other = index + 1, #all do
      expect(grid.overlap(one.position, all[other].position)).toBe(false)
    end
  end
end

describe('addWidget', function()
  it('makes a widget of the dashboard’s user and tenant', function()
    local widget = dashboards.addWidget(dashboard.id, {
      type = 'chart',
      title = 'Sales',
      config = { kind = 'bar', series = { 1, 2 } },
    })

    expect(widget).toMatchObject({
      tenantId = 'acme',
      userId = 'ann',
      dashboardId = dashboard.id,
      type = 'chart',
      title = 'Sales',
      config = { kind = 'bar', series = { 1, 2 } },
      sortOrder = 0,
    })
    expect(assert(widgets()[1]).id).toBe(widget.id)
  end)

  it('goes to the first free place', function()
    expect(add().position).toEqual(at(0, 0, 4, 3))
    expect(add().position).toEqual(at(4, 0, 4, 3))
    expect(add({ width = 2, height = 5 }).position).toEqual(at(8, 0, 2, 5))
    expect(add({ width = 3 }).position).toEqual(at(0, 3, 3, 3))
    expect(add({ width = 2, height = 1 }).position).toEqual(at(10, 0, 2, 1))
    expect(add({ width = 12, height = 1 }).position).toEqual(at(0, 6, 12, 1))
    expectNoOverlap()
  end)

  it('goes where it is put', function()
    expect(add(at(3, 7, 2, 2)).position).toEqual(at(3, 7, 2, 2))
    expect(add(at(5, 7, 2, 2)).position).toEqual(at(5, 7, 2, 2))
    expect(add(at(3, 9, 2, 2)).position).toEqual(at(3, 9, 2, 2))
    expectNoOverlap()
  end)

  it.each({
    { at(2, 2, 1, 1) },
    { at(0, 0, 12, 9) },
    { at(3, 0, 1, 3) },
    { at(0, 2, 1, 1) },
  })('refuses the place of another one (%s)', function(position)
    local first = add(at(0, 0, 4, 3), 'First')
    expect(function()
      add(position)
    end).toThrow({ code = 'overlap', widgetId = first.id })
    expect(widgets()).toHaveLength(1)
  end)

  it.each({
    { at(12, 0, 1, 1) },
    { at(9, 0, 4, 1) },
    { at(0, 0, 13, 1) },
    { at(0, 10000, 1, 1) },
    { { width = 13 } },
  })('refuses a place off the grid (%s)', function(position)
    expect(function()
      add(position)
    end).toThrow({ code = 'outside' })
    expect(db.dashboardWidget.count()).toBe(0)
  end)

  it('has room for 100', function()
    for row = 0, 98 do
      add(at(0, row, 1, 1))
    end
    expect(add().position).toEqual(at(1, 0, 4, 3))
    expect(add).toThrow({ code = 'full' })
    expect(widgets()).toHaveLength(100)
  end)

  it.each({
    { 'widget.type', { title = 'A' } },
    { 'widget.title', { type = 'list', title = '\t' } },
    { 'widget.config', { type = 'list', title = 'A', config = { 1 } } },
    { 'widget.position.x', { type = 'list', title = 'A', position = at(-1, 0, 1, 1) } },
    { 'widget.position.width', { type = 'list', title = 'A', position = { width = 0 } } },
    { 'widget.position.y', { type = 'list', title = 'A', position = { y = 0.5 } } },
    { 'widget.position', { type = 'list', title = 'A', position = { z = 1 } } },
    { 'colour', { type = 'list', title = 'A', colour = 'red' } },
  })('refuses a wrong %s', function(name, widget)
    expect(function()
      dashboards.addWidget(dashboard.id, widget)
    end).toThrow(name)
    expect(db.dashboardWidget.count()).toBe(0)
  end)

  it('must be told whose it is where nobody is known', function()
    local everybodys = dashboards.createDashboard('acme', nil, { name = 'All' })
    local widget = { type = 'list', title = 'A' }

    expect(function()
      dashboards.addWidget(everybodys.id, widget)
    end).toThrow('widget.userId')
    widget.userId = 'ben'
    expect(dashboards.addWidget(everybodys.id, widget).userId).toBe('ben')
  end)
end)

describe('updateWidget', function()
  it('changes what is named, and keeps the rest', function()
    local widget = add(nil, 'Old')
    local changed = dashboards.updateWidget(widget.id, { title = 'New', config = { n = 1 } })

    expect(changed).toMatchObject({ title = 'New', type = 'stats', config = { n = 1 } })
    expect(changed.position).toEqual(widget.position)
    expect(assert(widgets()[1]).title).toBe('New')
  end)

  it.each({
    { 'changes.title', { title = '' } },
    { 'changes.config', { config = 'none' } },
    { 'changes.type', { type = db.null } },
    { 'sortOrder', { sortOrder = 3 } },
  })('refuses a wrong %s', function(name, changes)
    local widget = add()
    expect(function()
      dashboards.updateWidget(widget.id, changes)
    end).toThrow(name)
  end)

  it('refuses one that is not there, or lies on no dashboard', function()
    local loose = db.dashboardWidget.create({
      data = {
        tenantId = 'acme',
        userId = 'ann',
        type = 'list',
        title = 'Loose',
        config = '{}',
        position = '{}',
        createdAt = 0,
      },
    })
    for _, id in ipairs({ 'nothing', loose.id }) do
      expect(function()
        dashboards.updateWidget(id, { title = 'A' })
      end).toThrow({ code = 'not_found' })
    end
  end)
end)

describe('moveWidget', function()
  it('moves and resizes, and keeps what is left out', function()
    local widget = add(at(0, 0, 4, 3))

    expect(dashboards.moveWidget(widget.id, { x = 2 }).position).toEqual(at(2, 0, 4, 3))
    expect(dashboards.moveWidget(widget.id, { y = 5, height = 1 }).position).toEqual(at(2, 5, 4, 1))
  end)

  it('may go over where it was, not over others', function()
    local widget, other = add(at(0, 0, 4, 3)), add(at(4, 0, 4, 3))

    expect(dashboards.moveWidget(widget.id, { y = 1 }).position.y).toBe(1)
    expect(function()
      dashboards.moveWidget(widget.id, { x = 1 })
    end).toThrow({ code = 'overlap', widgetId = other.id })
    expect(function()
      dashboards.moveWidget(widget.id, { x = 9 })
    end).toThrow({ code = 'outside' })
    expect(assert(widgets()[1]).position).toEqual(at(0, 1, 4, 3))
  end)

  it('never lets two overlap, wherever they are moved', function()
    math.randomseed(7)
    for _ = 1, 6 do
      add({ width = 3, height = 2 })
    end
    local moved = 0
    for _ = 1, 60 do
      local widget = assert(widgets()[math.random(6)])
      local ok = pcall(
        dashboards.moveWidget,
        widget.id,
        at(math.random(0, 9), math.random(0, 6), math.random(1, 4), math.random(1, 3))
      )
      moved = moved + (ok and 1 or 0)
      expectNoOverlap()
    end
    expect(moved).toBeGreaterThan(5)
  end)

  it('must be told where', function()
    local widget = add()
    expect(function()
      dashboards.moveWidget(widget.id, nil --[[@as any]])
    end).toThrow('position')
    expect(function()
      dashboards.moveWidget(widget.id, {
        x = '1' --[[@as any]],
      })
    end).toThrow('position.x')
  end)
end)

describe('removeWidget', function()
  it('takes it off its dashboard, and its place is free', function()
    local one, two = add(at(0, 0, 4, 3), 'One'), add(at(4, 0, 4, 3), 'Two')

    expect(dashboards.removeWidget(one.id).title).toBe('One')
    expect(widgets()).toHaveLength(1)
    expect(assert(widgets()[1]).id).toBe(two.id)
    expect(add().position).toEqual(at(0, 0, 4, 3))
  end)

  it('leaves an empty list behind the last one', function()
    local widget = add()
    dashboards.removeWidget(widget.id)

    expect(assert(db.dashboard.findUnique({ where = { id = dashboard.id } })).widgets).toBe('[]')
    expect(function()
      dashboards.removeWidget(widget.id)
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('another tenant', function()
  it('reaches neither a dashboard nor a widget', function()
    local widget = add()
    local before = dashboards.getDashboard(dashboard.id)

    asCaller({ tenant = 'globex' }, function()
      expect(dashboards.getDashboard(dashboard.id)).toBeNil()
      for name, call in pairs({
        updateDashboard = { dashboard.id, { name = 'Mine' } },
        setDefaultDashboard = { dashboard.id },
        deleteDashboard = { dashboard.id },
        addWidget = { dashboard.id, { type = 'list', title = 'A', userId = 'eve' } },
        updateWidget = { widget.id, { title = 'Mine' } },
        moveWidget = { widget.id, { x = 1 } },
        removeWidget = { widget.id },
      }) do
        expect(function()
          dashboards[name](table.unpack(call))
        end).toThrow({ code = 'not_found' })
      end
      for name, call in pairs({
        createDashboard = { 'acme', 'eve', { name = 'A' } },
        listDashboards = { 'acme', 'ann' },
        getDefaultDashboard = { 'acme', 'ann' },
      }) do
        expect(function()
          dashboards[name](table.unpack(call))
        end).toThrow({ code = 'forbidden' })
      end
    end)

    expect(dashboards.getDashboard(dashboard.id)).toEqual(before)
    expect(db.dashboard.count()).toBe(1)
  end)
end)
