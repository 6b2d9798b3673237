local audit = require('audit_log')
local db = require('db')
local list = require('list')

-- Rows with times of their own: entries that are made in one go share a millisecond.
local function add(timestamp, fields)
  local data =
    { tenantId = 'acme', userId = 'ann', action = 'create', entity = 'Post', timestamp = timestamp }
  for key, value in pairs(fields or {}) do
    data[key] = value
  end
  return db.auditLog.create({ data = data })
end

local function times(entries)
  return list.pluck(entries, 'timestamp')
end

describe('listAuditLogs', function()
  before_each(function()
    add(1000)
    add(3000, { userId = 'ben', action = 'delete', entityId = 'p1', oldValue = '{"title":"Gone"}' })
    add(2000, { entity = 'Thread' })
    add(4000, { tenantId = 'globex' })
  end)

  it('lists one tenant only, newest first', function()
    expect(times(audit.listAuditLogs('acme'))).toEqual({ 3000, 2000, 1000 })
    expect(times(audit.listAuditLogs('globex', {}))).toEqual({ 4000 })
    expect(audit.listAuditLogs('nobody', {})).toEqual({})
  end)

  it('gives values as tables', function()
    local entry = assert(audit.listAuditLogs('acme', { action = 'delete' })[1])

    expect(entry.oldValue).toEqual({ title = 'Gone' })
    expect(entry.newValue).toBeNil()
  end)

  it.each({
    { filters = { userId = 'ann' }, expected = { 2000, 1000 } },
    { filters = { entity = 'Thread' }, expected = { 2000 } },
    { filters = { action = 'create' }, expected = { 2000, 1000 } },
    { filters = { userId = 'ann', entity = 'Post' }, expected = { 1000 } },
    { filters = { limit = 1 }, expected = { 3000 } },
    { filters = { limit = 1, offset = 1 }, expected = { 2000 } },
    { filters = { offset = 2 }, expected = { 1000 } },
    { filters = { limit = 0 }, expected = {} },
    { filters = { userId = 'nobody' }, expected = {} },
  })('filters by $filters', function(case)
    expect(times(audit.listAuditLogs('acme', case.filters))).toEqual(case.expected)
  end)

  it('gives 50 entries if no limit is asked for, and never more than 200', function()
    for index = 1, 210 do
      add(10000 + index)
    end

    expect(audit.listAuditLogs('acme', {})).toHaveLength(50)
    expect(audit.listAuditLogs('acme', { limit = 1000 })).toHaveLength(200)
  end)

  it('neither repeats nor loses an entry from page to page', function()
    for _ = 1, 9 do
      add(5000)
    end
    local seen = {}
    for offset = 0, 8, 3 do
      for _, entry in ipairs(audit.listAuditLogs('acme', { limit = 3, offset = offset })) do
        seen[#seen + 1] = entry.id
      end
    end

    expect(list.unique(seen)).toHaveLength(9)
  end)

  it.each({
    { 'tenantId', nil, {} },
    { 'tenantId', { contains = '' }, {} },
    { 'filters', 'acme', 'ann' },
    { 'filters.userId', 'acme', { userId = { ['not'] = 'x' } } },
    { 'filters.limit', 'acme', { limit = -1 } },
    { 'filters.limit', 'acme', { limit = 1.5 } },
    { 'filters.offset', 'acme', { offset = '1' } },
    { 'user_id', 'acme', { user_id = 'ann' } },
  })('refuses a wrong %s', function(name, tenantId, filters)
    expect(function()
      audit.listAuditLogs(tenantId, filters)
    end).toThrow(name)
  end)
end)

describe('getAuditLogsByEntity', function()
  it('gives the trail of one record', function()
    add(1000, { entityId = 'p1' })
    add(2000, { entityId = 'p1', action = 'update' })
    add(3000, { entityId = 'p2' })
    add(4000, { entityId = 'p1', entity = 'Thread' })
    add(5000, { entityId = 'p1', tenantId = 'globex' })

    expect(times(audit.getAuditLogsByEntity('acme', 'Post', 'p1'))).toEqual({ 2000, 1000 })
    expect(audit.getAuditLogsByEntity('acme', 'Post', 'p9')).toEqual({})
  end)

  it('must be told the record', function()
    expect(function()
      audit.getAuditLogsByEntity('acme', 'Post', nil --[[@as any]])
    end).toThrow('entityId')
  end)
end)

describe('getAuditLogsByUser', function()
  it('gives all that one user did', function()
    add(1000)
    add(2000, { userId = 'ben' })
    add(3000, { entity = 'Thread' })
    add(4000, { tenantId = 'globex' })

    expect(times(audit.getAuditLogsByUser('acme', 'ann'))).toEqual({ 3000, 1000 })
  end)

  it('must be told the user', function()
    expect(function()
      audit.getAuditLogsByUser('acme', nil --[[@as any]])
    end).toThrow('userId')
  end)
end)
