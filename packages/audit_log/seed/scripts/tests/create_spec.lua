local audit = require('audit_log')
local db = require('db')
local json = require('json')

describe('createAuditLog', function()
  it('keeps the values before and after as tables', function()
    local entry = audit.createAuditLog('acme', 'ann', 'update', 'Post', 'p1', {
      old = { title = 'Old', tags = { 'a', 'b' } },
      new = { title = 'New', tags = {} },
    })

    expect(entry.oldValue).toEqual({ title = 'Old', tags = { 'a', 'b' } })
    expect(assert(entry.newValue).title).toBe('New')
    expect(entry).toMatchObject({ tenantId = 'acme', userId = 'ann', action = 'update' })
    expect(entry).toMatchObject({ entity = 'Post', entityId = 'p1' })
  end)

  it('stores JSON text in the columns', function()
    local entry = audit.createAuditLog('acme', 'ann', 'create', 'Post', 'p1', { new = { n = 1 } })
    local record = assert(db.auditLog.findUnique({ where = { id = entry.id } }))

    expect(record.newValue).toBeType('string')
    expect(json.decode(assert(record.newValue))).toEqual({ n = 1 })
    expect(record.oldValue).toBeNil()
  end)

  it('stamps the time in milliseconds', function()
    local entry = audit.createAuditLog('acme', 'ann', 'login', 'Session')

    expect(entry.timestamp).toBeType('integer')
    expect(entry.timestamp).toBeGreaterThan(1600000000000)
  end)

  it('does without a user, a record and changes', function()
    local entry = audit.createAuditLog('acme', nil, 'login', 'Session', nil, nil)

    expect(entry.userId).toBeNil()
    expect(entry.entityId).toBeNil()
    expect(entry.oldValue).toBeNil()
    expect(entry.newValue).toBeNil()
  end)

  it('keeps where a change came from', function()
    local entry = audit.createAuditLog('acme', 'ann', 'login', 'Session', 's1', {
      username = 'Ann',
      ipAddress = '192.0.2.7',
      userAgent = 'curl/8',
      details = { twoFactor = true },
    })

    expect(entry).toMatchObject({ username = 'Ann', ipAddress = '192.0.2.7', userAgent = 'curl/8' })
    expect(entry.details).toEqual({ twoFactor = true })
  end)

  it.each({
    { 'tenantId', nil, 'ann', 'create', 'Post', 'p1' },
    { 'tenantId', '', 'ann', 'create', 'Post', 'p1' },
    { 'userId', 'acme', { contains = '' }, 'create', 'Post', 'p1' },
    { 'action', 'acme', 'ann', nil, 'Post', 'p1' },
    { 'entity', 'acme', 'ann', 'create', 7, 'p1' },
    { 'entityId', 'acme', 'ann', 'create', 'Post', {} },
    { 'changes', 'acme', 'ann', 'create', 'Post', 'p1', 'text' },
    { 'changes.old', 'acme', 'ann', 'create', 'Post', 'p1', { old = 'text' } },
    { 'nwe', 'acme', 'ann', 'create', 'Post', 'p1', { nwe = {} } },
  })('refuses a wrong %s', function(name, tenantId, userId, action, entity, entityId, changes)
    expect(function()
      audit.createAuditLog(tenantId, userId, action, entity, entityId, changes)
    end).toThrow(name)
    expect(db.auditLog.count()).toBe(0)
  end)
end)
