local db = require('db')
local guides = require('quick_guide')
local list = require('list')

local function create(title, fields)
  local guide = { title = title, content = 'Text of ' .. title }
  for key, value in pairs(fields or {}) do
    guide[key] = value
  end
  return guides.createGuide('acme', guide)
end

local function titles(records)
  return list.pluck(records, 'title')
end

describe('createGuide', function()
  it('makes a published guide that nobody has seen', function()
    local guide = create('First steps', {
      content = '# Hello',
      category = 'tutorials',
      tags = { 'lua', ' lua ', 'intro' },
      order = 3,
      createdBy = 'ann',
    })

    expect(guide).toMatchObject({
      tenantId = 'acme',
      title = 'First steps',
      slug = 'first-steps',
      content = '# Hello',
      category = 'tutorials',
      tags = { 'lua', 'intro' },
      order = 3,
      isPublished = true,
      views = 0,
      createdBy = 'ann',
    })
    expect(assert(db.guide.findUnique({ where = { id = guide.id } })).tags).toBe('["lua","intro"]')
  end)

  it('makes addresses unique in the tenant', function()
    expect(create('Hello').slug).toBe('hello')
    expect(create('Hello!').slug).toBe('hello-2')
    expect(guides.createGuide('globex', { title = 'Hello', content = '' }).slug).toBe('hello')
  end)

  it('needs no more than a title', function()
    expect(guides.createGuide('acme', { title = 'Empty' })).toMatchObject({
      content = '',
      order = 0,
    })
  end)

  it.each({ { 'a\nb' }, { ' ' }, { ('x'):rep(51) } })('refuses the tag %s', function(tag)
    expect(function()
      create('A', { tags = { tag } })
    end).toThrow({ code = 'wrong_tags' })
    expect(db.guide.count()).toBe(0)
  end)

  it.each({
    { 'tenantId', nil, { title = 'A' } },
    { 'guide.title', 'acme', {} },
    { 'guide.title', 'acme', { title = '\n' } },
    { 'guide.content', 'acme', { title = 'A', content = {} } },
    { 'guide.tags', 'acme', { title = 'A', tags = 'lua' } },
    { 'guide.order', 'acme', { title = 'A', order = 1.5 } },
    { 'views', 'acme', { title = 'A', views = 1000 } },
  })('refuses a wrong %s', function(name, tenantId, guide)
    expect(function()
      guides.createGuide(tenantId, guide)
    end).toThrow(name)
  end)
end)

describe('getGuide', function()
  it('gives the steps in order and the HTML, and counts nothing', function()
    local guide = create('A', { content = '**bold**' })
    guides.addStep(guide.id, { title = 'One', content = '*one*' })
    guides.addStep(guide.id, { title = 'Zero', content = '', order = 0 })
    local full = assert(guides.getGuide(guide.id))

    expect(full.html).toContain('<strong>bold</strong>')
    expect(titles(full.steps)).toEqual({ 'Zero', 'One' })
    expect(assert(full.steps[2]).html).toContain('<em>one</em>')
    expect(assert(guides.getGuide(guide.id)).views).toBe(0)
  end)

  it('gives HTML that is safe, whoever wrote it', function()
    local guide = create('A', {
      content = '<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>',
    })
    local html = assert(guides.getGuide(guide.id)).html

    expect(html).never.toContain('<script')
    expect(html).never.toContain('<img')
    expect(html).never.toContain('href="javascript')
  end)

  it('gives one that is not published, and nil where there is none', function()
    expect(assert(guides.getGuide(create('A', { isPublished = false }).id)).title).toBe('A')
    expect(guides.getGuide('nothing')).toBeNil()
    expect(function()
      guides.getGuide(nil --[[@as any]])
    end).toThrow('guideId')
  end)
end)

describe('getGuideBySlug', function()
  it('counts a view each time', function()
    local guide, other = create('A'), create('B')

    expect(assert(guides.getGuideBySlug('acme', 'a')).views).toBe(1)
    expect(assert(guides.getGuideBySlug('acme', 'a')).views).toBe(2)
    expect(assert(guides.getGuide(guide.id)).views).toBe(2)
    expect(assert(guides.getGuide(other.id)).views).toBe(0)
  end)

  it('gives neither another tenant’s nor what is not published', function()
    local guide = create('A', { isPublished = false })

    expect(guides.getGuideBySlug('acme', 'a')).toBeNil()
    expect(guides.getGuideBySlug('globex', 'a')).toBeNil()
    expect(assert(guides.getGuide(guide.id)).views).toBe(0)
    expect(function()
      guides.getGuideBySlug('acme', nil --[[@as any]])
    end).toThrow('slug')
  end)
end)

describe('listGuides', function()
  before_each(function()
    create('C', { order = 1, tags = { 'lua', 'db', 'a_b', '100%', 'a"b\\' } })
    create('B', { order = 1, category = 'reference', tags = { 'luau', 'axb', 'Lua' } })
    create('A', { order = 2, isPublished = false, createdBy = 'ann' })
    guides.createGuide('globex', { title = 'Elsewhere', tags = { 'lua' } })
  end)

  it.each({
    { filters = {}, expected = { 'B', 'C', 'A' } },
    { filters = { category = 'reference' }, expected = { 'B' } },
    { filters = { tag = 'lua' }, expected = { 'C' } },
    { filters = { tag = 'nothing' }, expected = {} },
    { filters = { tag = 'a_b' }, expected = { 'C' } },
    { filters = { tag = '100%' }, expected = { 'C' } },
    { filters = { tag = 'a"b\\' }, expected = { 'C' } },
    { filters = { tag = '%' }, expected = {} },
    { filters = { isPublished = true }, expected = { 'B', 'C' } },
    { filters = { createdBy = 'ann' }, expected = { 'A' } },
    { filters = { take = 1, skip = 1 }, expected = { 'C' } },
  })('filters by $filters', function(case)
    expect(titles(guides.listGuides('acme', case.filters))).toEqual(case.expected)
  end)

  it.each({
    { 'tenantId', nil, {} },
    { 'filters.category', 'acme', { category = {} } },
    { 'filters.tag', 'acme', { tag = '\n' } },
    { 'published', 'acme', { published = true } },
  })('refuses a wrong %s', function(name, tenantId, filters)
    expect(function()
      guides.listGuides(tenantId, filters)
    end).toThrow(name)
  end)
end)

describe('updateGuide', function()
  it('changes what is named, and keeps the rest', function()
    local guide = create('A', { category = 'reference', tags = { 'x' } })
    local changed = guides.updateGuide(guide.id, {
      title = 'B',
      tags = db.null,
      category = db.null,
      isPublished = false,
    })

    expect(changed).toMatchObject({ title = 'B', slug = 'a', content = 'Text of A' })
    expect(changed.tags).toBeNil()
    expect(changed.category).toBeNil()
    expect(changed.updatedAt).toBeType('integer')
    expect(guides.updateGuide(guide.id, { tags = {} }).tags).toEqual({})
  end)

  it('moves it to another address that is free', function()
    create('A')
    local guide = create('B')
    expect(guides.updateGuide(guide.id, { slug = 'New place' }).slug).toBe('new-place')
    expect(guides.updateGuide(guide.id, { slug = 'new-place' }).slug).toBe('new-place')
    expect(function()
      guides.updateGuide(guide.id, { slug = 'a' })
    end).toThrow({ code = 'taken' })
  end)

  it.each({
    { 'changes.title', { title = ' ' } },
    { 'changes.content', { content = db.null } },
    { 'changes.tags', { tags = { '' } } },
    { 'views', { views = 7 } },
  })('refuses a wrong %s', function(name, changes)
    local guide = create('A')
    expect(function()
      guides.updateGuide(guide.id, changes)
    end).toThrow(name)
  end)

  it('refuses one that is not there', function()
    expect(function()
      guides.updateGuide('nothing', { title = 'A' })
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('deleteGuide', function()
  it('takes its steps along', function()
    local guide, kept = create('A'), create('B')
    guides.addStep(guide.id, { title = 'One' })
    guides.addStep(kept.id, { title = 'Two' })

    expect(guides.deleteGuide(guide.id).title).toBe('A')
    expect(titles(db.guideStep.findMany())).toEqual({ 'Two' })
    expect(function()
      guides.deleteGuide(guide.id)
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('searchGuides', function()
  before_each(function()
    create('Reading data', { content = 'How to *query* the database', tags = { 'sql' } })
    create('Query language', { content = 'All about it' })
    local guide = create('Forms', { content = 'Fields' })
    guides.addStep(guide.id, { title = 'Ask', content = 'Then query again, 100% sure' })
    create('Draft query', { isPublished = false })
    guides.createGuide('globex', { title = 'Query elsewhere' })
  end)

  it.each({
    { 'query', { 'Query language', 'Forms', 'Reading data' } },
    { 'QUERY', { 'Query language', 'Forms', 'Reading data' } },
    { 'query database', { 'Reading data' } },
    { 'sql', { 'Reading data' } },
    { 'again', { 'Forms' } },
    { '100%', { 'Forms' } },
    { 'nothing', {} },
    { '_', {} },
    { 'query nothing', {} },
    { ' ', {} },
    { '', {} },
  })('finds by "%s"', function(query, expected)
    expect(titles(guides.searchGuides('acme', query))).toEqual(expected)
  end)

  it('shows plain text around what was found', function()
    local filler = ('word '):rep(100)
    create('Long', { content = filler .. '**needle** <b>é</b> ' .. filler })
    local extract = assert(guides.searchGuides('acme', 'needle')[1]).extract

    expect(extract).toContain('needle')
    expect(extract).never.toContain('*')
    expect(utf8.len(extract)).toBeLessThan(170)
  end)

  it('takes one statement for the guides and one for their steps', function()
    local told = db.explain(function()
      return guides.searchGuides('acme', 'query')
    end)
    expect(told.count).toBeLessThanOrEqual(4)
  end)

  it('must be told the tenant and a text', function()
    expect(function()
      guides.searchGuides(nil --[[@as any]], 'a')
    end).toThrow('tenantId')
    expect(function()
      guides.searchGuides('acme', { contains = '' } --[[@as any]])
    end).toThrow('query')
  end)
end)
