local guideList = require('ui.guide_list')
local guidePage = require('ui.guide_page')
local guideView = require('ui.guide_view')
local guides = require('quick_guide')
local list = require('list')
local stepCard = require('ui.step_card')
local ui = require('ui')

describe('StepCard', function()
  local function card(actionType, actionData)
    local step = { id = 's1', title = 'Save', content = '*Now*' }
    step.actionType, step.actionData = actionType, actionData
    return stepCard.render({ step = step, number = 2 } --[[@as any]])
  end

  it('shows the step', function()
    expect(ui.textOf(card())).toBe('2. Save *Now*')
    expect(ui.textOf(card('click', { target = '#save' }))).toEndWith('click #save')
    expect(ui.textOf(card('click'))).toEndWith('click')
  end)

  it.each({
    { '/settings', true },
    { 'https://example.org/a', true },
    { 'javascript:alert(1)', false },
    { 'data:text/html,x', false },
    { ' javascript:alert(1)', false },
    { 7, false },
  })('leads to %s: %s', function(url, leads)
    expect(ui.find(card('navigate', { url = url }), 'Link') ~= nil).toBe(leads)
  end)
end)

describe('GuideView', function()
  it('shows the guide with its steps, numbered', function()
    ---@type any
    local props = {
      guide = {
        title = 'Guide',
        category = 'tutorials',
        content = 'Text',
        views = 1,
        steps = { { id = 's1', title = 'One' }, { id = 's2', title = 'Two' } },
      },
    }
    local node = guideView.render(props)

    expect(list.map(ui.findAll(node, 'Heading'), ui.textOf)).toEqual({ 'Guide', '1. One', '2. Two' })
    expect(ui.textOf(node)).toContain('tutorials 1 view 2 steps')
  end)
end)

describe('GuideList', function()
  it('has a row for each guide', function()
    local found =
      { id = 'g1', title = 'A', slug = 'a', category = 'c', tags = { 't' }, extract = '…x…' }
    local node = guideList.render({ guides = { found } } --[[@as any]])

    expect(ui.textOf(node)).toBe('A c t …x…')
    expect(assert(ui.find(node, 'Link')).props.params).toEqual({ slug = 'a' })
    expect(guideList.render({ guides = {} }).type).toBe('Alert')
  end)
end)

describe('GuidePage', function()
  before_each(function()
    guides.createGuide(
      'acme',
      { title = 'Reading', content = 'How to query', category = 'reference' }
    )
    guides.createGuide('acme', { title = 'Writing', content = 'How to write' })
    guides.createGuide('acme', { title = 'Draft', isPublished = false })
  end)

  local function links(props)
    return list.map(ui.findAll(guidePage.render(props), 'Link'), ui.textOf)
  end

  it('shows what is published', function()
    expect(links({ tenantId = 'acme' })).toEqual({ 'Reading', 'Writing' })
    expect(links({ tenantId = 'acme', category = 'reference' })).toEqual({ 'Reading' })
  end)

  it('shows what a search finds', function()
    local page = guidePage.render({ tenantId = 'acme', query = 'query' })
    expect(ui.textOf(page)).toContain('1 guide found Reading')
    expect(assert(ui.find(page, 'Input')).props.value).toBe('query')
    expect(links({ tenantId = 'acme', query = ' ' })).toHaveLength(2)
  end)

  it('shows one guide, and counts a view', function()
    local page = guidePage.render({ tenantId = 'acme', slug = 'reading' })
    expect(ui.textOf(page)).toContain('1 view')
    expect(ui.textOf(assert(ui.find(page, 'Markdown')))).toBe('How to query')
    expect(guidePage.render({ tenantId = 'acme', slug = 'draft' }).type).toBe('Alert')
  end)
end)
