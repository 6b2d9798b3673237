local dashboardGrid = require('ui.dashboard_grid')
local dashboardList = require('ui.dashboard_list')
local dashboardPage = require('ui.dashboard_page')
local dashboards = require('dashboard')
local list = require('list')
local ui = require('ui')
local widgetCard = require('ui.widget_card')

describe('WidgetCard', function()
  local function card(type, config)
    local widget = { id = 'w1', type = type, title = 'Title', config = config }
    return widgetCard.render({ widget = widget, onRemove = 'dashboard.removeWidget' } --[[@as any]])
  end

  it('shows a chart', function()
    local chart = assert(ui.find(card('chart', { kind = 'bar', series = { 1, 2 } }), 'Chart'))
    expect(chart.props).toMatchObject({ kind = 'bar', series = { 1, 2 } })
    expect(assert(ui.find(card('chart', {}), 'Chart')).props.kind).toBe('line')
  end)

  it('shows numbers in the order of their names', function()
    expect(ui.textOf(card('stats', { stats = { b = 2, a = 1 } }))).toBe('Title a: 1 b: 2')
  end)

  it('shows the texts of a list, whatever else is in it', function()
    local node = card('list', { items = { 'one', 2, {}, true } })
    expect(list.map(ui.findAll(node, 'ListItem'), ui.textOf)).toEqual({ 'one', '2' })
    expect(ui.findAll(card('list', { items = 'none' }), 'ListItem')).toBeEmpty()
  end)

  it('shows a calendar', function()
    local rows = { { cells = { 'today', 'release' } } }
    expect(assert(ui.find(card('calendar', { events = rows }), 'Table')).props.rows).toEqual(rows)
  end)

  it('shows the name of another type, and a button', function()
    local node = card('map', nil)
    expect(ui.textOf(node)).toBe('Title map')
    expect(assert(ui.find(node, 'IconButton')).props.onClick.args).toEqual({ 'w1' })
  end)
end)

describe('DashboardGrid', function()
  it('puts each widget at its place', function()
    local position = { x = 1, y = 2, width = 3, height = 4 }
    local widget = { id = 'w1', type = 'list', title = 'A', config = {}, position = position }
    local node = dashboardGrid.render({ widgets = { widget }, columns = 6 } --[[@as any]])

    expect(node.props.columns).toBe(6)
    expect(assert(ui.find(node, 'Box')).props).toMatchObject(position)
  end)

  it('says that it is empty', function()
    expect(dashboardGrid.render({ widgets = {} }).type).toBe('Alert')
  end)
end)

describe('DashboardList', function()
  it('marks the one that is shown', function()
    local shown = { { id = 'd1', name = 'One' }, { id = 'd2', name = 'Two' } }
    local node = dashboardList.render({ dashboards = shown, currentId = 'd2' } --[[@as any]])

    expect(list.map(ui.findAll(node, 'Tab'), function(tab)
      return tab.props.selected
    end)).toEqual({ false, true })
  end)

  it('says that there are none', function()
    expect(dashboardList.render({ dashboards = {} }).type).toBe('Alert')
  end)
end)

describe('DashboardPage', function()
  it("shows the user's default, and leads to the others", function()
    dashboards.createDashboard('acme', 'ann', { name = 'A' })
    local made =
      dashboards.createDashboard('acme', 'ann', { name = 'B', isDefault = true, isShared = true })
    dashboards.addWidget(made.id, { type = 'list', title = 'Orders', config = { items = { 'x' } } })
    local page = dashboardPage.render({ tenantId = 'acme', userId = 'ann' })

    expect(ui.textOf(assert(ui.find(page, 'Heading')))).toBe('B')
    expect(ui.findAll(page, 'Tab')).toHaveLength(2)
    expect(ui.findAll(page, 'Card')).toHaveLength(1)
    expect(ui.textOf(page)).toContain('1 widget')
    expect(ui.textOf(page)).toContain('Shared')
  end)

  it('shows the one that is asked for', function()
    local made = dashboards.createDashboard('acme', 'ann', { name = 'A' })
    local page = dashboardPage.render({ tenantId = 'acme', userId = 'ann', dashboardId = made.id })

    expect(ui.textOf(assert(ui.find(page, 'Heading')))).toBe('A')
    expect(ui.textOf(page)).toContain('No widgets yet')
    expect(assert(ui.find(page, 'Form')).props.onSubmit.args).toEqual({ made.id })
  end)

  it('says that there is nothing', function()
    expect(ui.textOf(dashboardPage.render({ tenantId = 'acme' }))).toBe('No dashboards yet')
    expect(dashboardPage.render({ tenantId = 'acme', dashboardId = 'nothing' }).type).toBe('Alert')
  end)
end)
