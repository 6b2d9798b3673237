local db = require('db')
local forum = require('forum_forge')
local list = require('list')

-- What other packages see has no hooks.
local hooks = forum --[[@as any]]

local function names(categories)
  return list.pluck(categories, 'name')
end

describe('on_tenant', function()
  it('makes the starting categories', function()
    hooks.on_tenant({ tenant = 'acme' })

    expect(names(forum.listCategories('acme'))).toEqual({ 'General', 'Help', 'Feedback' })
  end)

  it('leaves a tenant that has categories alone', function()
    forum.createCategory('acme', { name = 'Ours' })
    hooks.on_tenant({ tenant = 'acme' })

    expect(names(forum.listCategories('acme'))).toEqual({ 'Ours' })
  end)
end)

describe('createCategory', function()
  it('fills in what is left out', function()
    local category = forum.createCategory('acme', { name = 'Lua & Friends' })

    expect(category).toMatchObject({
      tenantId = 'acme',
      name = 'Lua & Friends',
      slug = 'lua-friends',
      sortOrder = 0,
    })
    expect(category.description).toBeNil()
    expect(category.parentId).toBeNil()
  end)

  it('keeps what is given', function()
    local parent = forum.createCategory('acme', { name = 'Parent' })
    local category = forum.createCategory('acme', {
      name = 'Child',
      description = 'A child',
      slug = 'The Child',
      sortOrder = 7,
      parentId = parent.id,
    })

    expect(category).toMatchObject({
      description = 'A child',
      slug = 'the-child',
      sortOrder = 7,
      parentId = parent.id,
    })
  end)

  it('makes slugs unique among siblings, and only there', function()
    local function slug(tenantId, parentId)
      return forum.createCategory(tenantId, { name = 'News', parentId = parentId }).slug
    end
    local parent = forum.createCategory('acme', { name = 'Parent' })

    expect(slug('acme')).toBe('news')
    expect(slug('acme')).toBe('news-2')
    expect(slug('acme')).toBe('news-3')
    expect(slug('acme', parent.id)).toBe('news')
    expect(slug('acme', parent.id)).toBe('news-2')
    expect(slug('globex')).toBe('news')
  end)

  it('has a slug for a name without letters', function()
    expect(forum.createCategory('acme', { name = '!!!' }).slug).toBe('category')
  end)

  it('refuses a parent that is not there', function()
    expect(function()
      forum.createCategory('acme', { name = 'Child', parentId = 'nothing' })
    end).toThrow({ code = 'not_found' })
  end)

  it("refuses another tenant's parent", function()
    local foreign = forum.createCategory('globex', { name = 'Foreign' })
    expect(function()
      forum.createCategory('acme', { name = 'Child', parentId = foreign.id })
    end).toThrow({ code = 'not_found' })
  end)

  it.each({
    { 'tenantId', nil, { name = 'A' } },
    { 'tenantId', { ['not'] = '' }, { name = 'A' } },
    { 'category', 'acme', nil },
    { 'category.name', 'acme', {} },
    { 'category.name', 'acme', { name = '  ' } },
    { 'category.sortOrder', 'acme', { name = 'A', sortOrder = 1.5 } },
    { 'category.parentId', 'acme', { name = 'A', parentId = { startsWith = '' } } },
    { 'colour', 'acme', { name = 'A', colour = 'red' } },
  })('refuses a wrong %s', function(name, tenantId, category)
    local before = db.forumCategory.count()
    expect(function()
      forum.createCategory(tenantId, category)
    end).toThrow(name)
    expect(db.forumCategory.count()).toBe(before)
  end)
end)

describe('listCategories', function()
  it("lists one tenant's, by their order and then their name", function()
    forum.createCategory('acme', { name = 'Zebra', sortOrder = 1 })
    forum.createCategory('acme', { name = 'Beta', sortOrder = 2 })
    forum.createCategory('acme', { name = 'Alpha', sortOrder = 2 })
    forum.createCategory('globex', { name = 'Elsewhere' })

    expect(names(forum.listCategories('acme'))).toEqual({ 'Zebra', 'Alpha', 'Beta' })
  end)

  it('lists nested ones too', function()
    local parent = forum.createCategory('acme', { name = 'Parent' })
    local child =
      forum.createCategory('acme', { name = 'Child', sortOrder = 1, parentId = parent.id })

    expect(list.pluck(forum.listCategories('acme'), 'id')).toEqual({ parent.id, child.id })
  end)

  it('must be told the tenant', function()
    expect(function()
      forum.listCategories(nil --[[@as any]])
    end).toThrow('tenantId')
  end)
end)
