local db = require('db')
local github = require('github_tools')
local list = require('list')

local function upsert(fullName, fields)
  local payload = { fullName = fullName }
  for key, value in pairs(fields or {}) do
    payload[key] = value
  end
  return github.upsertRepository('acme', payload)
end

local function fullNames(repositories)
  return list.pluck(repositories, 'fullName')
end

describe('upsertRepository', function()
  it('takes the fields of the model', function()
    local repository = github.upsertRepository('acme', {
      name = 'tools',
      owner = 'acme',
      url = 'https://github.example/acme/tools',
      description = 'Our tools',
      isPrivate = true,
      metadata = { stars = 3, topics = { 'lua' } },
    })

    expect(repository).toMatchObject({
      tenantId = 'acme',
      name = 'tools',
      owner = 'acme',
      fullName = 'acme/tools',
      url = 'https://github.example/acme/tools',
      description = 'Our tools',
      isPrivate = true,
      metadata = { stars = 3, topics = { 'lua' } },
    })
    expect(repository.lastSync).toBeType('integer')
    local record = assert(db.gitHubRepository.findUnique({ where = { id = repository.id } }))
    expect(record.metadata).toBeType('string')
  end)

  it('takes what GitHub sends', function()
    local repository = github.upsertRepository('acme', {
      id = 1296269,
      full_name = 'octocat/Hello-World',
      name = 'Hello-World',
      owner = { login = 'octocat', id = 1 },
      private = false,
      html_url = 'https://github.com/octocat/Hello-World',
      url = 'https://api.github.com/repos/octocat/Hello-World',
      description = db.null,
      stargazers_count = 80,
      forks_count = 9,
      language = 'Lua',
    })

    expect(repository).toMatchObject({
      fullName = 'octocat/Hello-World',
      url = 'https://github.com/octocat/Hello-World',
      isPrivate = false,
      metadata = { stars = 80, forks = 9, language = 'Lua' },
    })
    expect(repository.description).toBeNil()
  end)

  it('brings one up to date, and keeps what is left out', function()
    local first = upsert('acme/tools', { description = 'Old', metadata = { stars = 1, forks = 2 } })
    local second = upsert('acme/tools', { metadata = { stars = 5 }, isPrivate = true })

    expect(second.id).toBe(first.id)
    expect(second).toMatchObject({ description = 'Old', isPrivate = true })
    expect(second.metadata).toEqual({ stars = 5, forks = 2 })
    expect(db.gitHubRepository.count()).toBe(1)
  end)

  it('keeps tenants apart', function()
    upsert('acme/tools')
    github.upsertRepository('globex', { fullName = 'acme/tools' })
    expect(db.gitHubRepository.count()).toBe(2)
  end)

  it.each({
    { 'payload.owner', {} },
    { 'payload.name', { owner = 'acme' } },
    { 'payload.name', { fullName = 'acme/a b' } },
    { 'payload.owner', { fullName = '<script>/a' } },
    { 'payload.url', { fullName = 'acme/a', url = 'javascript:alert(1)' } },
    { 'payload.description', { fullName = 'acme/a', description = 7 } },
    { 'payload.isPrivate', { fullName = 'acme/a', isPrivate = 'no' } },
  })('refuses a wrong %s', function(name, payload)
    ---@type boolean, any
    local ok, raised = pcall(github.upsertRepository, 'acme', payload)

    expect(ok).toBe(false)
    expect(raised.code).toBe('invalid_payload')
    expect(raised.message).toContain('`' .. name .. '`')
    expect(db.gitHubRepository.count()).toBe(0)
  end)

  it('names every fault', function()
    ---@type boolean, any
    local _, raised = pcall(github.upsertRepository, 'acme', { private = 1, html_url = 'x' })
    expect(raised.faults).toHaveLength(4)
  end)

  it.each({ { 'tenantId', nil, {} }, { 'payload', 'acme', nil }, { 'payload', 'acme', 'text' } })(
    'must be told the %s',
    function(name, tenantId, payload)
      expect(function()
        github.upsertRepository(tenantId, payload)
      end).toThrow('`' .. name .. '`')
    end
  )
end)

describe('getRepository', function()
  it('gives one by its full name, or nil', function()
    local repository = upsert('acme/tools')
    expect(github.getRepository('acme', 'acme/tools')).toEqual(repository)
    expect(github.getRepository('acme', 'acme/other')).toBeNil()
    expect(github.getRepository('globex', 'acme/tools')).toBeNil()
    expect(function()
      github.getRepository('acme', nil --[[@as any]])
    end).toThrow('fullName')
  end)
end)

describe('listRepositories', function()
  before_each(function()
    upsert('acme/tools', { isPrivate = true })
    upsert('acme/site')
    upsert('octocat/hello')
    github.upsertRepository('globex', { fullName = 'globex/else' })
  end)

  it.each({
    { filters = {}, expected = { 'acme/site', 'acme/tools', 'octocat/hello' } },
    { filters = { owner = 'acme' }, expected = { 'acme/site', 'acme/tools' } },
    { filters = { isPrivate = true }, expected = { 'acme/tools' } },
    { filters = { search = 'OO' }, expected = { 'acme/tools' } },
    { filters = { take = 1, skip = 1 }, expected = { 'acme/tools' } },
  })('filters by $filters', function(case)
    expect(fullNames(github.listRepositories('acme', case.filters))).toEqual(case.expected)
  end)

  it.each({
    { 'tenantId', nil, {} },
    { 'filters.owner', 'acme', { owner = {} } },
    { 'private', 'acme', { private = true } },
  })('refuses a wrong %s', function(name, tenantId, filters)
    expect(function()
      github.listRepositories(tenantId, filters)
    end).toThrow(name)
  end)
end)

describe('deleteRepository', function()
  it('takes its runs along', function()
    local repository, kept = upsert('acme/tools'), upsert('acme/site')
    for _, one in ipairs({ repository, kept }) do
      github.recordAction(one.id, {
        workflowName = 'CI',
        runNumber = 1,
        status = 'queued',
        url = 'https://github.example/1',
      })
    end

    expect(github.deleteRepository(repository.id).fullName).toBe('acme/tools')
    expect(db.gitHubAction.count()).toBe(1)
    expect(function()
      github.deleteRepository(repository.id)
    end).toThrow({ code = 'not_found' })
  end)
end)
